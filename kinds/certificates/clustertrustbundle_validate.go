package certificates

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// maxTrustBundleSize is the most bytes of spec.trustBundle.
const maxTrustBundleSize = 1 * 1024 * 1024

func validateTrustBundle(_ kinds.Input, obj *certificatesv1.ClusterTrustBundle) field.ErrorList {
	errs := validateBundleHead(obj)
	return append(errs, validateAnchors(obj.Spec.TrustBundle, field.NewPath("spec", "trustBundle"))...)
}

func validateTrustBundleUpdate(_ kinds.Input, obj, old *certificatesv1.ClusterTrustBundle) field.ErrorList {
	errs := validateBundleHead(obj)
	if obj.Spec.TrustBundle != old.Spec.TrustBundle {
		errs = append(errs, validateAnchors(obj.Spec.TrustBundle, field.NewPath("spec", "trustBundle"))...)
	}
	return append(errs, apivalidation.ValidateImmutableField(obj.Spec.SignerName, old.Spec.SignerName, field.NewPath("spec", "signerName"))...)
}

// validateBundleHead checks the name, which depends on the signer, and the signer.
func validateBundleHead(obj *certificatesv1.ClusterTrustBundle) field.ErrorList {
	var errs field.ErrorList
	meta := field.NewPath("metadata")
	if obj.GenerateName != "" {
		for _, msg := range checkBundleName(obj.GenerateName, obj.Spec.SignerName, true) {
			errs = append(errs, field.Invalid(meta.Child("generateName"), obj.GenerateName, msg))
		}
	}
	if obj.Name != "" {
		for _, msg := range checkBundleName(obj.Name, obj.Spec.SignerName, false) {
			errs = append(errs, field.Invalid(meta.Child("name"), obj.Name, msg))
		}
	}
	if obj.Spec.SignerName != "" {
		errs = append(errs, validateSignerName(obj.Spec.SignerName, field.NewPath("spec", "signerName"))...)
	}
	return errs
}

func checkBundleName(name, signer string, prefix bool) []string {
	if signer == "" {
		if strings.Contains(name, ":") {
			return []string{`ClusterTrustBundle without signer name must not have ":" in its name`}
		}
		return apivalidation.NameIsDNSSubdomain(name, prefix)
	}
	start := strings.ReplaceAll(signer, "/", ":") + ":"
	rest, ok := strings.CutPrefix(name, start)
	if !ok {
		return []string{fmt.Sprintf("ClusterTrustBundle for signerName %s must be named with prefix %s", signer, start)}
	}
	return apivalidation.NameIsDNSSubdomain(rest, prefix)
}

// validateAnchors checks that a bundle is certificates of authorities, at least one and none twice.
func validateAnchors(bundle string, path *field.Path) field.ErrorList {
	if len(bundle) > maxTrustBundleSize {
		return field.ErrorList{field.TooLong(path, "", maxTrustBundleSize)}
	}
	var errs field.ErrorList
	bad := func(format string, args ...any) {
		errs = append(errs, field.Invalid(path, "<value omitted>", fmt.Sprintf(format, args...)))
	}
	places := map[string][]int{}
	var order []string
	rest := []byte(bundle)
	for i := 0; ; i++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			bad("entry %d has bad block type: %v", i, block.Type)
			continue
		}
		if len(block.Headers) != 0 {
			bad("entry %d has PEM block headers", i)
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil:
			bad("entry %d does not parse as X.509", i)
		case !cert.IsCA:
			bad("entry %d does not have the CA bit set", i)
		case !cert.BasicConstraintsValid:
			bad("entry %d has invalid basic constraints", i)
		default:
			key := string(block.Bytes)
			if places[key] == nil {
				order = append(order, key)
			}
			places[key] = append(places[key], i)
		}
	}
	if len(errs) > 0 {
		return errs
	}
	if len(order) == 0 {
		bad("at least one trust anchor must be provided")
	}
	for _, key := range order {
		if at := places[key]; len(at) > 1 {
			bad("duplicate trust anchor (indices %v)", at)
		}
	}
	return errs
}
