package certificates

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// validatePodRequestStatus lets a signer answer a request once: issue, deny or fail it. Each check stops at
// its first error, as the next ones rest on it.
func validatePodRequestStatus(in kinds.Input, obj, old *certificatesv1.PodCertificateRequest) field.ErrorList {
	path := field.NewPath("status")
	errs := validateOutcome(obj.Status.Conditions)
	errs = append(errs, metavalidation.ValidateConditions(obj.Status.Conditions, path.Child("conditions"))...)
	if len(errs) > 0 {
		return errs
	}
	same := func(want certificatesv1.PodCertificateRequestStatus, msg string) field.ErrorList {
		if equality.Semantic.DeepEqual(obj.Status, want) {
			return nil
		}
		return field.ErrorList{field.Invalid(path, field.OmitValueType{}, msg)}
	}
	if outcome(old) != "" {
		return same(old.Status, "immutable after PodCertificateRequest is issued, denied, or failed")
	}
	switch outcome(obj) {
	case certificatesv1.PodCertificateRequestConditionTypeDenied, certificatesv1.PodCertificateRequestConditionTypeFailed:
		return same(certificatesv1.PodCertificateRequestStatus{Conditions: obj.Status.Conditions}, "non-condition status fields must be empty when denying or failing the PodCertificateRequest")
	case certificatesv1.PodCertificateRequestConditionTypeIssued:
		return validateIssued(in.Now, obj)
	}
	return same(old.Status, `status is immutable unless transitioning to "Issued", "Denied", or "Failed"`)
}

// outcome is the type of the condition that ends a request, "" while it is pending.
func outcome(obj *certificatesv1.PodCertificateRequest) string {
	for _, c := range obj.Status.Conditions {
		if c.Status == metav1.ConditionTrue {
			return c.Type
		}
	}
	return ""
}

// validateOutcome allows at most one condition, which says how the request ended. The paths have a dot
// before the index, as clients know them.
func validateOutcome(conditions []metav1.Condition) field.ErrorList {
	outcomes := []string{
		certificatesv1.PodCertificateRequestConditionTypeIssued,
		certificatesv1.PodCertificateRequestConditionTypeDenied,
		certificatesv1.PodCertificateRequestConditionTypeFailed,
	}
	var errs field.ErrorList
	count := 0
	for i, c := range conditions {
		path := field.NewPath("status", "conditions", "["+strconv.Itoa(i)+"]")
		if c.Type != outcomes[0] && c.Type != outcomes[1] && c.Type != outcomes[2] {
			errs = append(errs, field.NotSupported(path.Child("type"), c.Type, outcomes))
			continue
		}
		if count++; count > 1 {
			errs = append(errs, field.Invalid(path.Child("type"), c.Type, `There may be at most one condition with type "Issued", "Denied", or "Failed"`))
		}
		if c.Status != metav1.ConditionTrue {
			errs = append(errs, field.NotSupported(path.Child("status"), c.Status, []metav1.ConditionStatus{metav1.ConditionTrue}))
		}
	}
	return errs
}

// validateIssued checks the chain, its leaf, and the times that the status repeats from it.
func validateIssued(now time.Time, obj *certificatesv1.PodCertificateRequest) field.ErrorList {
	chain, path := obj.Status.CertificateChain, field.NewPath("status", "certificateChain")
	bad := func(msg string) field.ErrorList { return field.ErrorList{field.Invalid(path, chain, msg)} }
	if len(chain) > maxChainSize {
		return field.ErrorList{field.TooLong(path, chain, maxChainSize)}
	}
	block, rest := pem.Decode([]byte(chain))
	switch {
	case block == nil:
		return bad("issued certificate chain must contain at least one certificate")
	case block.Type != "CERTIFICATE":
		return bad("issued certificate chain must consist entirely of CERTIFICATE PEM blocks")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return bad("leaf certificate does not parse as valid X.509")
	}
	errs := validateLeafNames(leaf, path)
	if request, err := x509.ParseCertificateRequest(obj.Spec.StubPKCS10Request); err == nil {
		if key, ok := request.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); ok && !key.Equal(leaf.PublicKey) {
			return append(errs, bad("leaf certificate was not issued to the requested public key")...)
		}
	}
	if errs = append(errs, validateIssuedTimes(now, obj, leaf, path)...); len(errs) > 0 {
		return errs
	}
	for {
		if block, rest = pem.Decode(rest); block == nil {
			return nil
		}
		if block.Type != "CERTIFICATE" {
			return bad("issued certificate chain must consist entirely of CERTFICATE PEM blocks")
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return bad("intermediate certificate does not parse as valid X.509")
		}
	}
}

func validateLeafNames(leaf *x509.Certificate, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, name := range leaf.DNSNames {
		if name == "" {
			errs = append(errs, field.Invalid(path, name, "leaf certificate should not contain empty DNSName"))
		}
		if strings.Contains(name, "..") {
			errs = append(errs, field.Invalid(path, name, "leaf certificate's DNSName should not contain '..'"))
		}
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
			errs = append(errs, field.Invalid(path, name, "leaf certificate's DNSName should not start or end with '.'"))
		}
	}
	for _, address := range leaf.EmailAddresses {
		if _, err := mail.ParseAddress(address); err != nil {
			errs = append(errs, field.Invalid(path, address, "leaf certificate should not contain invalid EmailAddress"))
		}
	}
	return errs
}

func validateIssuedTimes(now time.Time, obj *certificatesv1.PodCertificateRequest, leaf *x509.Certificate, chain *field.Path) field.ErrorList {
	path, s := field.NewPath("status"), &obj.Status
	var errs field.ErrorList
	for _, t := range []struct {
		name, msg string
		value     *metav1.Time
	}{
		{"notBefore", "must be present and consistent with the issued certificate", s.NotBefore},
		{"notAfter", "must be present and consistent with the issued certificate", s.NotAfter},
		{"beginRefreshAt", "must be present and in the range [notbefore+10min, notafter-10min]", s.BeginRefreshAt},
	} {
		if t.value == nil {
			errs = append(errs, field.Required(path.Child(t.name), t.msg))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	one := func(p *field.Path, value any, msg string) field.ErrorList {
		return field.ErrorList{field.Invalid(p, value, msg)}
	}
	lifetime := leaf.NotAfter.Sub(leaf.NotBefore)
	switch start, end, refresh := s.NotBefore.Time, s.NotAfter.Time, s.BeginRefreshAt.Time; {
	case !start.Equal(leaf.NotBefore):
		return one(path.Child("notBefore"), start, "must be set to the NotBefore time encoded in the leaf certificate")
	case !start.After(now.Add(-5*time.Minute)) || !start.Before(now.Add(5*time.Minute)):
		return one(path.Child("notBefore"), start, "must be set to within 5 minutes of kube-apiserver's current time")
	case !end.Equal(leaf.NotAfter):
		return one(path.Child("notAfter"), end, "must be set to the NotAfter time encoded in the leaf certificate")
	case lifetime < time.Hour:
		return one(chain, lifetime, "leaf certificate lifetime must be >= 1 hour")
	case obj.Spec.MaxExpirationSeconds != nil && lifetime > time.Duration(*obj.Spec.MaxExpirationSeconds)*time.Second:
		return one(chain, lifetime, fmt.Sprintf("leaf certificate lifetime must be <= spec.maxExpirationSeconds (%v)", *obj.Spec.MaxExpirationSeconds))
	case refresh.Before(start.Add(10 * time.Minute)):
		return one(path.Child("beginRefreshAt"), refresh, "must be at least 10 minutes after status.notBefore")
	case refresh.After(end.Add(-10 * time.Minute)):
		return one(path.Child("beginRefreshAt"), refresh, "must be at least 10 minutes before status.notAfter")
	}
	return nil
}
