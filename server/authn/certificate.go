package authn

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/request"
)

// Certificates knows users by client certificates of a CA: the common name is the user, organizations are
// the groups.
type Certificates struct{ CA *x509.CertPool }

// Authenticate looks at the certificate that the client proved to hold.
func (c Certificates) Authenticate(r *request.Request) (*authenticationv1.UserInfo, error) {
	if r.HTTP.TLS == nil || len(r.HTTP.TLS.PeerCertificates) == 0 {
		return nil, nil
	}
	certs := r.HTTP.TLS.PeerCertificates
	options := x509.VerifyOptions{Roots: c.CA, Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	for _, intermediate := range certs[1:] {
		options.Intermediates.AddCert(intermediate)
	}
	if _, err := certs[0].Verify(options); err != nil {
		return nil, err
	}
	subject := certs[0].Subject
	if subject.CommonName == "" {
		return nil, nil
	}
	sum := sha256.Sum256(certs[0].Raw)
	return &authenticationv1.UserInfo{
		Username: subject.CommonName,
		Groups:   subject.Organization,
		Extra:    map[string]authenticationv1.ExtraValue{"authentication.kubernetes.io/credential-id": {"X509SHA256=" + hex.EncodeToString(sum[:])}},
	}, nil
}
