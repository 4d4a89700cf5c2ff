package certificates

import (
	"crypto/x509"
	"fmt"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// Bounds of spec.maxExpirationSeconds, and of what is in bytes. Signers of Kubernetes itself may issue for a day at most.
const (
	minExpiration           = 60 * 60
	maxExpiration           = 91 * 24 * 60 * 60
	maxKubernetesExpiration = 24 * 60 * 60

	maxStubSize  = 10 * 1024
	maxChainSize = 100 * 1024
)

// podRequestSpec is the spec as errors show it: upstream's internal type, which has the two fields of
// v1beta1 that v1 dropped.
type podRequestSpec struct {
	SignerName                string
	PodName                   string
	PodUID                    types.UID
	ServiceAccountName        string
	ServiceAccountUID         types.UID
	NodeName                  types.NodeName
	NodeUID                   types.UID
	MaxExpirationSeconds      *int32
	PKIXPublicKey             []byte
	ProofOfPossession         []byte
	StubPKCS10Request         []byte
	UnverifiedUserAnnotations map[string]string
}

func validatePodRequest(_ kinds.Input, obj *certificatesv1.PodCertificateRequest) field.ErrorList {
	path, spec := field.NewPath("spec"), &obj.Spec
	errs := validateSignerName(spec.SignerName, path.Child("signerName"))
	if spec.UnverifiedUserAnnotations != nil {
		errs = append(errs, validateUserAnnotations(spec.UnverifiedUserAnnotations, path.Child("unverifiedUserAnnotations"))...)
	}
	for _, ref := range []struct {
		field, name string
		uid         types.UID
	}{
		{"pod", spec.PodName, spec.PodUID},
		{"serviceAccount", spec.ServiceAccountName, spec.ServiceAccountUID},
		{"node", string(spec.NodeName), spec.NodeUID},
	} {
		for _, msg := range validation.IsDNS1123Subdomain(ref.name) {
			errs = append(errs, field.Invalid(path.Child(ref.field+"Name"), ref.name, msg))
		}
		if len(ref.uid) == 0 {
			errs = append(errs, field.Invalid(path.Child(ref.field+"UID"), ref.uid, "must not be empty"))
		}
		if len(ref.uid) > 128 {
			errs = append(errs, field.TooLong(path.Child(ref.field+"UID"), ref.uid, 128))
		}
	}
	if spec.MaxExpirationSeconds == nil {
		return append(errs, field.Required(path.Child("maxExpirationSeconds"), "must be set"))
	}
	most := int32(maxExpiration)
	if domain, _, _ := strings.Cut(spec.SignerName, "/"); domain == "kubernetes.io" || strings.HasSuffix(domain, ".kubernetes.io") {
		most = maxKubernetesExpiration
	}
	if s := *spec.MaxExpirationSeconds; s < minExpiration || s > most {
		errs = append(errs, field.Invalid(path.Child("maxExpirationSeconds"), s, fmt.Sprintf("must be in the range [%d, %d]", minExpiration, most)))
	}
	return append(errs, validateStub(obj, path)...)
}

// validateStub checks the PKCS#10 request that proves possession of the key.
func validateStub(obj *certificatesv1.PodCertificateRequest, spec *field.Path) field.ErrorList {
	stub := obj.Spec.StubPKCS10Request
	if len(stub) == 0 {
		return field.ErrorList{field.Invalid(spec, field.OmitValueType{}, "exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set")}
	}
	path := spec.Child("stubPKCS10Request")
	if len(stub) > maxStubSize {
		return field.ErrorList{field.TooLong(path, stub, maxStubSize)}
	}
	bad := func(msg string) field.ErrorList {
		return field.ErrorList{field.Invalid(path, field.OmitValueType{}, msg)}
	}
	request, err := x509.ParseCertificateRequest(stub)
	if err != nil {
		return bad("must be a valid PKCS#10 CSR")
	}
	if request.CheckSignature() != nil {
		return bad("could not verify signature")
	}
	return nil
}

func validateUserAnnotations(annotations map[string]string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for key := range annotations {
		// Keys are compared without regard to case, as those of object annotations are.
		errs = append(errs, validation.IsDomainPrefixedKey(path, strings.ToLower(key))...)
	}
	size := 0
	for k, v := range annotations {
		size += len(k) + len(v)
	}
	const most = 256 * 1024
	if size > most {
		errs = append(errs, field.TooLong(path, "", most))
	}
	return errs
}

func validatePodRequestUpdate(_ kinds.Input, obj, old *certificatesv1.PodCertificateRequest) field.ErrorList {
	if equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
		return nil
	}
	s := &obj.Spec
	return field.ErrorList{field.Invalid(field.NewPath("spec"), podRequestSpec{
		SignerName: s.SignerName, PodName: s.PodName, PodUID: s.PodUID,
		ServiceAccountName: s.ServiceAccountName, ServiceAccountUID: s.ServiceAccountUID,
		NodeName: s.NodeName, NodeUID: s.NodeUID, MaxExpirationSeconds: s.MaxExpirationSeconds,
		StubPKCS10Request: s.StubPKCS10Request, UnverifiedUserAnnotations: s.UnverifiedUserAnnotations,
	}, "field is immutable")}
}
