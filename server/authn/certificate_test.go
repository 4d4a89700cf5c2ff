package authn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/nave-k8s/nave/server/request"
)

// signed is a certificate by a CA; by itself if there is none.
func signed(t testing.TB, name string, notAfter time.Time, ca *x509.Certificate, caKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name, Organization: []string{"crew"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: notAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true, IsCA: ca == nil,
	}
	if ca == nil {
		ca, caKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, key.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func shows(cert *x509.Certificate) *request.Request {
	return &request.Request{HTTP: &http.Request{TLS: &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}}}
}

func TestCertificates(t *testing.T) {
	ca, key := signed(t, "ca", time.Now().Add(time.Hour), nil, nil)
	other, otherKey := signed(t, "other", time.Now().Add(time.Hour), nil, nil)
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	c := NewCertificates(pool)
	for range 2 { // the second time from memory
		cert, _ := signed(t, "ann", time.Now().Add(time.Hour), ca, key)
		for range 2 {
			user, err := c.Authenticate(shows(cert))
			if err != nil || user == nil || user.Username != "ann" || len(user.Groups) != 1 || user.Groups[0] != "crew" {
				t.Fatalf("%v, %v", user, err)
			}
		}
	}
	foreign, _ := signed(t, "ann", time.Now().Add(time.Hour), other, otherKey)
	if user, err := c.Authenticate(shows(foreign)); err == nil {
		t.Fatalf("of another CA: %v", user)
	}
	brief, _ := signed(t, "ann", time.Now().Add(time.Second), ca, key)
	if _, err := c.Authenticate(shows(brief)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(brief.NotAfter) + 10*time.Millisecond)
	if user, err := c.Authenticate(shows(brief)); err == nil {
		t.Fatalf("expired, but remembered as %v", user)
	}
}

func BenchmarkCertificates(b *testing.B) {
	ca, key := signed(b, "ca", time.Now().Add(time.Hour), nil, nil)
	cert, _ := signed(b, "ann", time.Now().Add(time.Hour), ca, key)
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	c, r := NewCertificates(pool), shows(cert)
	b.ReportAllocs()
	for b.Loop() {
		if user, err := c.Authenticate(r); user == nil {
			b.Fatal(err)
		}
	}
}
