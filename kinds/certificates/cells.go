package certificates

import (
	"slices"
	"strings"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/nave-k8s/nave/kinds/cells"
)

func signingRequestCells(obj *certificatesv1.CertificateSigningRequest, now time.Time) []any {
	signer, requested := "<none>", "<none>"
	if obj.Spec.SignerName != "" {
		signer = obj.Spec.SignerName
	}
	if s := obj.Spec.ExpirationSeconds; s != nil {
		requested = duration.HumanDuration(time.Duration(*s) * time.Second)
	}
	return []any{obj.Name, cells.Age(obj.CreationTimestamp, now), signer, obj.Spec.Username, requested, signingRequestState(obj)}
}

func signingRequestState(obj *certificatesv1.CertificateSigningRequest) string {
	var approved, denied, failed bool
	for _, c := range obj.Status.Conditions {
		switch c.Type {
		case certificatesv1.CertificateApproved:
			approved = true
		case certificatesv1.CertificateDenied:
			denied = true
		case certificatesv1.CertificateFailed:
			failed = true
		}
	}
	state := "Pending"
	switch {
	case denied:
		state = "Denied"
	case approved:
		state = "Approved"
	}
	if failed {
		state += ",Failed"
	}
	if len(obj.Status.Certificate) > 0 {
		state += ",Issued"
	}
	return state
}

func podRequestState(obj *certificatesv1.PodCertificateRequest) string {
	state := "Pending"
	for _, c := range obj.Status.Conditions {
		switch c.Type {
		case certificatesv1.PodCertificateRequestConditionTypeIssued,
			certificatesv1.PodCertificateRequestConditionTypeDenied,
			certificatesv1.PodCertificateRequestConditionTypeFailed:
			state = c.Type
		}
	}
	return state
}

func userAnnotations(obj *certificatesv1.PodCertificateRequest) string {
	if len(obj.Spec.UnverifiedUserAnnotations) == 0 {
		return "<none>"
	}
	pairs := make([]string, 0, len(obj.Spec.UnverifiedUserAnnotations))
	for k, v := range obj.Spec.UnverifiedUserAnnotations {
		pairs = append(pairs, k+"="+v)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}
