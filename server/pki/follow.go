package pki

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/nave-k8s/nave/server/reload"
)

// A Pair is a certificate and its key in two files, which may be replaced while the server runs.
type Pair struct{ file *reload.File[tls.Certificate] }

// FollowPair reads a pair. failed hears when a later version of it cannot be read.
func FollowPair(cert, key string, failed func(error)) (*Pair, error) {
	f, err := reload.Follow(func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", cert, key, err)
		}
		return &pair, nil
	}, failed, cert, key)
	if err != nil {
		return nil, err
	}
	return &Pair{f}, nil
}

// Certificate is the pair as it is now.
func (p *Pair) Certificate() *tls.Certificate { return p.file.Get() }

// A Bundle is a file of CA certificates, which may be replaced while the server runs.
type Bundle struct{ file *reload.File[bundle] }

type bundle struct {
	pem  []byte
	pool *x509.CertPool
}

// FollowBundle reads a bundle. failed hears when a later version of it cannot be read.
func FollowBundle(name string, failed func(error)) (*Bundle, error) {
	f, err := reload.Follow(func() (*bundle, error) {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return newBundle(name, data)
	}, failed, name)
	if err != nil {
		return nil, err
	}
	return &Bundle{f}, nil
}

// FollowPool is the certificates of several files in one pool; nil without a file.
func FollowPool(failed func(error), names ...string) (func() *x509.CertPool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	f, err := reload.Follow(func() (*x509.CertPool, error) {
		pool := x509.NewCertPool()
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			if !pool.AppendCertsFromPEM(data) {
				return nil, fmt.Errorf("%s holds no certificate", name)
			}
		}
		return pool, nil
	}, failed, names...)
	if err != nil {
		return nil, err
	}
	return f.Get, nil
}

func newBundle(name string, data []byte) (*bundle, error) {
	b := &bundle{pem: data, pool: x509.NewCertPool()}
	if !b.pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s holds no certificate", name)
	}
	return b, nil
}

// Pool is what to verify with. It is the same one until the file changes.
func (b *Bundle) Pool() *x509.CertPool { return b.file.Get().pool }

// PEM is the file's content.
func (b *Bundle) PEM() []byte { return b.file.Get().pem }

// Bundle is the CA's certificate as a bundle that does not change.
func (a *Authority) Bundle() *Bundle {
	return &Bundle{reload.Fixed(&bundle{pem: a.PEM, pool: a.Pool()})}
}
