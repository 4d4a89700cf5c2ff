package authn

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/request"
)

// Certificates knows users by client certificates of a CA: the common name is the user, organizations are
// the groups.
//
// A certificate shows with every request of its connection, and checking its signature costs more than the
// rest of a GET. So who was found by a certificate is remembered for as long as its chain is valid.
type Certificates struct {
	ca func() *x509.CertPool

	mu    sync.RWMutex
	known map[string]verified // by the certificate's bytes
}

// verified is a certificate that was found to be of the CA.
type verified struct {
	ca                  *x509.CertPool
	user                *authenticationv1.UserInfo // shared: not to be changed
	notBefore, notAfter time.Time
}

// maxKnown is how many certificates are remembered; at the limit it starts over.
const maxKnown = 4096

// NewCertificates returns the authenticator of a CA.
func NewCertificates(ca *x509.CertPool) *Certificates {
	return FollowCertificates(func() *x509.CertPool { return ca })
}

// FollowCertificates returns the authenticator of CAs that may change; as long as they do not, ca returns one
// and the same pool.
func FollowCertificates(ca func() *x509.CertPool) *Certificates {
	return &Certificates{ca: ca, known: map[string]verified{}}
}

// Authenticate looks at the certificate that the client proved to hold.
func (c *Certificates) Authenticate(r *request.Request) (*authenticationv1.UserInfo, error) {
	if r.HTTP.TLS == nil || len(r.HTTP.TLS.PeerCertificates) == 0 {
		return nil, nil
	}
	certs, ca := r.HTTP.TLS.PeerCertificates, c.ca()
	c.mu.RLock()
	v, ok := c.known[string(certs[0].Raw)]
	c.mu.RUnlock()
	if now := time.Now(); ok && v.ca == ca && now.After(v.notBefore) && now.Before(v.notAfter) {
		return v.user, nil
	}
	v, err := verify(certs, ca)
	if err != nil || v.user == nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxKnown {
		clear(c.known)
	}
	c.known[string(certs[0].Raw)] = v
	return v.user, nil
}

// verify checks the first certificate with the help of the others.
func verify(certs []*x509.Certificate, ca *x509.CertPool) (v verified, err error) {
	options := x509.VerifyOptions{Roots: ca, Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	for _, intermediate := range certs[1:] {
		options.Intermediates.AddCert(intermediate)
	}
	chains, err := certs[0].Verify(options)
	if err != nil {
		return v, err
	}
	v.ca, v.notBefore, v.notAfter = ca, certs[0].NotBefore, certs[0].NotAfter
	for _, link := range chains[0] { // one chain is enough
		if link.NotBefore.After(v.notBefore) {
			v.notBefore = link.NotBefore
		}
		if link.NotAfter.Before(v.notAfter) {
			v.notAfter = link.NotAfter
		}
	}
	subject := certs[0].Subject
	if subject.CommonName == "" {
		return v, nil
	}
	sum := sha256.Sum256(certs[0].Raw)
	v.user = &authenticationv1.UserInfo{
		Username: subject.CommonName,
		Groups:   subject.Organization,
		Extra:    map[string]authenticationv1.ExtraValue{"authentication.kubernetes.io/credential-id": {"X509SHA256=" + hex.EncodeToString(sum[:])}},
	}
	return v, nil
}
