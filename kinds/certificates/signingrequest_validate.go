package certificates

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// legacySigner is the signer of requests made before signers had names; v1 does not take it.
const legacySigner = "kubernetes.io/legacy-unknown"

// signingDoor says what an update of a signing request may change, which depends on the subresource.
type signingDoor struct {
	approval    bool // conditions Approved and Denied
	certificate bool // the issued certificate
}

// validateSigningRequest checks a request; old is what is stored, nil on create. What is stored may stay,
// even where today it would be refused.
func validateSigningRequest(obj, old *certificatesv1.CertificateSigningRequest) field.ErrorList {
	var errs field.ErrorList
	spec := field.NewPath("spec")
	if err := checkRequest(obj.Spec.Request); err != nil {
		errs = append(errs, field.Invalid(spec.Child("request"), obj.Spec.Request, err.Error()))
	}
	errs = append(errs, validateUsages(obj, old, spec.Child("usages"))...)
	if obj.Spec.SignerName == legacySigner && (old == nil || old.Spec.SignerName != legacySigner) {
		errs = append(errs, field.Invalid(spec.Child("signerName"), obj.Spec.SignerName, "the legacy signerName is not allowed via this API version"))
	} else {
		errs = append(errs, validateSignerName(obj.Spec.SignerName, spec.Child("signerName"))...)
	}
	if s := obj.Spec.ExpirationSeconds; s != nil && *s < 600 {
		errs = append(errs, field.Invalid(spec.Child("expirationSeconds"), *s, "may not specify a duration less than 600 seconds (10 minutes)"))
	}
	errs = append(errs, validateSigningConditions(obj, old, field.NewPath("status", "conditions"))...)
	if old == nil || !bytes.Equal(obj.Status.Certificate, old.Status.Certificate) && checkIssued(old.Status.Certificate) == nil {
		if err := checkIssued(obj.Status.Certificate); err != nil {
			errs = append(errs, field.Invalid(field.NewPath("status", "certificate"), "<certificate data>", err.Error()))
		}
	}
	return errs
}

func validateSigningRequestUpdate(obj, old *certificatesv1.CertificateSigningRequest, door signingDoor) field.ErrorList {
	errs := validateSigningRequest(obj, old)
	conditions := field.NewPath("status", "conditions")
	forbid := func(format string, t certificatesv1.RequestConditionType, more ...any) {
		errs = append(errs, field.Forbidden(conditions, fmt.Sprintf(format, append([]any{t}, more...)...)))
	}
	for _, t := range []certificatesv1.RequestConditionType{certificatesv1.CertificateApproved, certificatesv1.CertificateDenied, certificatesv1.CertificateFailed} {
		if len(conditionsOf(obj, t)) < len(conditionsOf(old, t)) {
			forbid("updates may not remove a condition of type %q", t)
		}
	}
	if !door.approval {
		for _, t := range []certificatesv1.RequestConditionType{certificatesv1.CertificateApproved, certificatesv1.CertificateDenied} {
			was, now := conditionsOf(old, t), conditionsOf(obj, t)
			switch {
			case len(now) > len(was):
				forbid("updates may not add a condition of type %q", t)
			case len(now) == len(was) && !equality.Semantic.DeepEqual(was, now):
				forbid("updates may not modify a condition of type %q\n%v", t, diff.Diff(was, now))
			}
		}
	}
	if !bytes.Equal(obj.Status.Certificate, old.Status.Certificate) {
		path := field.NewPath("status", "certificate")
		if !door.certificate {
			errs = append(errs, field.Forbidden(path, "updates may not set certificate content"))
		} else if len(old.Status.Certificate) > 0 {
			errs = append(errs, field.Forbidden(path, "updates may not modify existing certificate content"))
		}
	}
	// Rules that upstream declares on the type speak last, and only of what changed.
	if !equality.Semantic.DeepEqual(obj.Status.Conditions, old.Status.Conditions) {
		errs = append(errs, oneDecision(obj, old, conditions)...)
	}
	return errs
}

func conditionsOf(obj *certificatesv1.CertificateSigningRequest, t certificatesv1.RequestConditionType) []certificatesv1.CertificateSigningRequestCondition {
	var out []certificatesv1.CertificateSigningRequestCondition
	for _, c := range obj.Status.Conditions {
		if c.Type == t {
			out = append(out, c)
		}
	}
	return out
}

// oneDecision refuses a request that is both approved and denied, unless it was so already.
func oneDecision(obj, old *certificatesv1.CertificateSigningRequest, path *field.Path) field.ErrorList {
	both := func(o *certificatesv1.CertificateSigningRequest) bool {
		return len(conditionsOf(o, certificatesv1.CertificateApproved)) > 0 && len(conditionsOf(o, certificatesv1.CertificateDenied)) > 0
	}
	if !both(obj) || old != nil && both(old) {
		return nil
	}
	const approved, denied = `conditions[{"type": "Approved"}]`, `conditions[{"type": "Denied"}]`
	return field.ErrorList{field.Invalid(path, "{"+approved+", "+denied+"}", "must specify at most one of: `"+approved+"`, `"+denied+"`")}
}

// checkRequest parses a PEM block with a PKCS#10 request and verifies its signature.
func checkRequest(data []byte) error {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		return errors.New("PEM block type must be CERTIFICATE REQUEST")
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return err
	}
	return request.CheckSignature()
}

// checkIssued says what is wrong with the certificates that a signer issued. None is fine.
func checkIssued(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	blocks := 0
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return fmt.Errorf("only CERTIFICATE PEM blocks are allowed, found %q", block.Type)
		}
		if len(block.Headers) != 0 {
			return errors.New("no PEM block headers are permitted")
		}
		blocks++
		certs, err := x509.ParseCertificates(block.Bytes)
		if err != nil {
			return err
		}
		if len(certs) == 0 {
			return errors.New("found CERTIFICATE PEM block containing 0 certificates")
		}
	}
	if blocks == 0 {
		return errors.New("must contain at least one CERTIFICATE PEM block")
	}
	return nil
}

// knownUsages are the usages that a request may ask for.
func knownUsages() sets.Set[string] {
	return sets.New("signing", "digital signature", "content commitment", "key encipherment", "key agreement",
		"data encipherment", "cert sign", "crl sign", "encipher only", "decipher only", "any", "server auth",
		"client auth", "code signing", "email protection", "s/mime", "ipsec end system", "ipsec tunnel",
		"ipsec user", "timestamping", "ocsp signing", "microsoft sgc", "netscape sgc")
}

func validateUsages(obj, old *certificatesv1.CertificateSigningRequest, path *field.Path) field.ErrorList {
	usages := obj.Spec.Usages
	if len(usages) == 0 {
		return field.ErrorList{field.Required(path, "")}
	}
	known := knownUsages()
	check := func(usages []certificatesv1.KeyUsage) (unknown, twice field.ErrorList) {
		seen := map[certificatesv1.KeyUsage]bool{}
		for i, u := range usages {
			if !known.Has(string(u)) {
				unknown = append(unknown, field.NotSupported(path.Index(i), u, sets.List(known)))
			}
			if seen[u] {
				twice = append(twice, field.Duplicate(path.Index(i), u))
			}
			seen[u] = true
		}
		return unknown, twice
	}
	unknown, twice := check(usages)
	if old != nil {
		wasUnknown, wasTwice := check(old.Spec.Usages)
		if len(wasUnknown) > 0 {
			unknown = nil
		}
		if len(wasTwice) > 0 {
			twice = nil
		}
	}
	return append(unknown, twice...)
}

func validateSigningConditions(obj, old *certificatesv1.CertificateSigningRequest, path *field.Path) field.ErrorList {
	emptyBefore, twiceBefore := false, false
	if old != nil {
		seen := map[certificatesv1.RequestConditionType]bool{}
		for _, c := range old.Status.Conditions {
			emptyBefore = emptyBefore || c.Type == ""
			twiceBefore = twiceBefore || seen[c.Type]
			seen[c.Type] = true
		}
	}
	var errs field.ErrorList
	seen := map[certificatesv1.RequestConditionType]bool{}
	for i, c := range obj.Status.Conditions {
		p := path.Index(i)
		if c.Type == "" && !emptyBefore {
			errs = append(errs, field.Required(p.Child("type"), ""))
		}
		allowed := []string{"False", "True", "Unknown"}
		switch c.Type {
		case certificatesv1.CertificateApproved, certificatesv1.CertificateDenied, certificatesv1.CertificateFailed:
			allowed = []string{"True"}
		}
		if c.Status == "" {
			errs = append(errs, field.Required(p.Child("status"), ""))
		} else if !sets.New(allowed...).Has(string(c.Status)) {
			errs = append(errs, field.NotSupported(p.Child("status"), c.Status, allowed))
		}
		if seen[c.Type] && !twiceBefore {
			errs = append(errs, field.Duplicate(p.Child("type"), c.Type))
		}
		seen[c.Type] = true
	}
	return errs
}
