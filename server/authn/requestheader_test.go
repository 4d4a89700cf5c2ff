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
	"reflect"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/request"
)

// authority makes client certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func (a *authority) client(t *testing.T, name string, groups ...string) *tls.ConnectionState {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name, Organization: groups},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}}
}

func TestFrontProxy(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	pool := ca.pool()
	p := NewFrontProxy(RequestHeaders{
		CA: func() *x509.CertPool { return pool }, Names: []string{"front-proxy"},
		User: []string{"X-Remote-User"}, UID: []string{"X-Remote-Uid"}, Group: []string{"X-Remote-Group"}, Extra: []string{"X-Remote-Extra-"},
	})
	headers := func() http.Header {
		h := http.Header{}
		h.Set("X-Remote-User", "jane")
		h.Set("X-Remote-Uid", "1")
		h.Add("X-Remote-Group", "a")
		h.Add("X-Remote-Group", "b")
		h.Set("X-Remote-Extra-Acme.com%2fProject", "x")
		h.Set("Accept", "*/*")
		return h
	}
	jane := &authenticationv1.UserInfo{
		Username: "jane", UID: "1", Groups: []string{"a", "b"},
		Extra: map[string]authenticationv1.ExtraValue{"acme.com/project": {"x"}},
	}
	for _, c := range []struct {
		name   string
		client *tls.ConnectionState
		header http.Header
		want   *authenticationv1.UserInfo
	}{
		{"the proxy", ca.client(t, "front-proxy"), headers(), jane},
		{"another client of the proxies' CA", ca.client(t, "jane"), headers(), nil},
		{"a proxy of another CA", other.client(t, "front-proxy"), headers(), nil},
		{"no certificate", nil, headers(), nil},
		{"no user", ca.client(t, "front-proxy"), http.Header{"X-Remote-Group": {"system:masters"}}, nil},
	} {
		r := &request.Request{HTTP: &http.Request{Header: c.header, TLS: c.client}}
		got, err := p.Authenticate(r)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
		if c.want != nil && len(c.header) != 1 {
			t.Errorf("%s: headers are left: %v", c.name, c.header)
		}
	}
}

func TestCertificatesFollowTheirCA(t *testing.T) {
	before, after := newAuthority(t), newAuthority(t)
	pool := before.pool()
	c := FollowCertificates(func() *x509.CertPool { return pool })
	r := &request.Request{HTTP: &http.Request{TLS: before.client(t, "jane", "g")}}
	for range 2 {
		if user, err := c.Authenticate(r); err != nil || user.Username != "jane" || user.Groups[0] != "g" {
			t.Fatalf("%+v, %v", user, err)
		}
	}
	pool = after.pool()
	if user, err := c.Authenticate(r); err == nil {
		t.Errorf("of a CA that is gone: %+v", user)
	}
	r.HTTP.TLS = after.client(t, "joe")
	if user, err := c.Authenticate(r); err != nil || user.Username != "joe" {
		t.Errorf("of the new CA: %+v, %v", user, err)
	}
}
