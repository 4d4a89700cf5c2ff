package certificates

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"

	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// masters is the group that authorization lets do everything.
const masters = "system:masters"

// Subject is CertificateSubjectRestriction: nobody asks the API server's client signer to make them a
// member of system:masters.
type Subject struct{}

// Name is the plugin's name.
func (Subject) Name() string { return "CertificateSubjectRestriction" }

// Handles reports whether the plugin wants writes of this kind.
func (Subject) Handles(op admit.Operation) bool { return op == admit.Create }

// Review refuses such a request.
func (Subject) Review(_ context.Context, a *admit.Attributes) error {
	if !isRequest(a) || a.Subresource != "" {
		return nil
	}
	csr, ok := a.Object.(*certificatesv1.CertificateSigningRequest)
	if !ok || csr.Spec.SignerName != certificatesv1.KubeAPIServerClientSignerName {
		return nil
	}
	parsed, err := ParseRequest(csr.Spec.Request)
	if err != nil {
		return admit.Forbidden(a, "failed to parse CSR: %v", err)
	}
	for _, group := range parsed.Subject.Organization {
		if group == masters {
			return admit.Forbidden(a, "use of %s signer with %s group is not allowed", certificatesv1.KubeAPIServerClientSignerName, masters)
		}
	}
	return nil
}

// ParseRequest reads spec.request of a CertificateSigningRequest.
func ParseRequest(data []byte) (*x509.CertificateRequest, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		return nil, errors.New("PEM block type must be CERTIFICATE REQUEST")
	}
	return x509.ParseCertificateRequest(block.Bytes)
}
