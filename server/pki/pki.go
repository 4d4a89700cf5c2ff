// Package pki makes and keeps the keys and certificates of a server in its data folder: a CA, the serving
// certificate, the administrator's client certificate, and the key that signs service account tokens.
// What is there is used again; a serving certificate that lacks an address, or is about to expire, is made
// anew. Private files are 0600. It also follows certificates in files that others keep: Pair and Bundle are
// read again when they change. Callers: cmd/nave and navetest.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// How long certificates last, and how long before their end they are made anew.
const (
	caYears     = 10
	leafYears   = 1
	renewBefore = 30 * 24 * time.Hour
)

// A Folder is where the files are.
type Folder struct {
	Dir string
	Now func() time.Time
}

// Authority is a CA.
type Authority struct {
	Cert *x509.Certificate
	Key  crypto.Signer
	PEM  []byte // of the certificate
}

// Pool is the CA as a pool to verify with.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Cert)
	return pool
}

// Authority returns the folder's CA, made if there is none: ca.crt and ca.key.
func (f Folder) Authority(name string) (*Authority, error) {
	crt, key := filepath.Join(f.Dir, name+".crt"), filepath.Join(f.Dir, name+".key")
	if a, err := readAuthority(crt, key); err == nil || !errors.Is(err, os.ErrNotExist) {
		return a, err
	}
	a, err := newAuthority("nave-"+name, f.Now())
	if err != nil {
		return nil, err
	}
	if err := writeKey(key, a.Key.(*ecdsa.PrivateKey)); err != nil {
		return nil, err
	}
	if err := WriteFile(crt, a.PEM, 0o644); err != nil {
		return nil, err
	}
	return readAuthority(crt, key)
}

// newAuthority makes a CA.
func newAuthority(name string, now time.Time) (*Authority, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(caYears, 0, 0),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Authority{Cert: cert, Key: private, PEM: encodeCert(der)}, nil
}

func readAuthority(crt, key string) (*Authority, error) {
	data, err := os.ReadFile(crt)
	if err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(crt, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", crt, err)
	}
	cert, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", crt, err)
	}
	return &Authority{Cert: cert, Key: pair.PrivateKey.(crypto.Signer), PEM: data}, nil
}

// Leaf is what a certificate is for.
type Leaf struct {
	File          string // without .crt and .key
	CommonName    string
	Organizations []string
	Hosts         []string // names and addresses it serves; none for a client's
}

// Certificate returns the folder's certificate of that name, signed by the CA; made anew if it is missing,
// near its end, of another CA or lacks a host.
func (f Folder) Certificate(ca *Authority, leaf Leaf) (tls.Certificate, error) {
	crt, key := filepath.Join(f.Dir, leaf.File+".crt"), filepath.Join(f.Dir, leaf.File+".key")
	if pair, err := tls.LoadX509KeyPair(crt, key); err == nil && f.usable(ca, pair, leaf) {
		return pair, nil
	}
	cert, keyPEM, err := f.sign(ca, leaf)
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := WriteFile(key, keyPEM, 0o600); err != nil {
		return tls.Certificate{}, err
	}
	if err := WriteFile(crt, cert, 0o644); err != nil {
		return tls.Certificate{}, err
	}
	return tls.LoadX509KeyPair(crt, key)
}

// sign makes a key and has the CA certify it; both are PEM.
func (f Folder) sign(ca *Authority, leaf Leaf) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	now := f.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: leaf.CommonName, Organization: leaf.Organizations},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(leafYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, h := range leaf.Hosts {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.Cert, private.Public(), ca.Key)
	if err != nil {
		return nil, nil, err
	}
	key, err = encodeKey(private)
	return encodeCert(der), key, err
}

func (f Folder) usable(ca *Authority, pair tls.Certificate, leaf Leaf) bool {
	cert, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil || f.Now().After(cert.NotAfter.Add(-renewBefore)) || cert.CheckSignatureFrom(ca.Cert) != nil {
		return false
	}
	if cert.Subject.CommonName != leaf.CommonName || !slices.Equal(cert.Subject.Organization, leaf.Organizations) {
		return false
	}
	for _, h := range leaf.Hosts {
		if cert.VerifyHostname(h) != nil {
			return false
		}
	}
	return true
}

// serial is a random serial number of 127 bits.
func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		panic(err) // the system has no randomness
	}
	return n
}

func encodeCert(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func writeKey(file string, key *ecdsa.PrivateKey) error {
	data, err := encodeKey(key)
	if err != nil {
		return err
	}
	return WriteFile(file, data, 0o600)
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), err
}

// WriteFile writes a file as a whole or not at all.
func WriteFile(file string, data []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // it is renamed by then
	if err := temp.Chmod(mode); err != nil {
		return err
	}
	if _, err := temp.Write(data); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}
