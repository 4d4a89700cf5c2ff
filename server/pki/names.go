package pki

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
)

// A Named is a certificate for some names; none for those that it says itself.
type Named struct {
	Pair  *Pair
	Names []string
}

// ByName returns how to choose a certificate by the name that a client asks for (SNI): the first of the named
// that fits, or the other one.
func ByName(other *Pair, named []Named) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		for _, n := range named {
			if cert := n.Pair.Certificate(); n.fits(cert, hello) {
				return cert, nil
			}
		}
		return other.Certificate(), nil
	}
}

func (n Named) fits(cert *tls.Certificate, hello *tls.ClientHelloInfo) bool {
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if name == "" && hello.Conn != nil { // who connects to an address sends no name
		if host, _, err := net.SplitHostPort(hello.Conn.LocalAddr().String()); err == nil {
			name = host
		}
	}
	for _, pattern := range n.Names {
		if matches(pattern, name) {
			return true
		}
	}
	if len(n.Names) > 0 {
		return false
	}
	leaf := cert.Leaf
	if leaf == nil {
		var err error
		if leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
			return false
		}
	}
	return leaf.VerifyHostname(name) == nil
}

// matches compares with a name that may begin with "*.", which stands for one label.
func matches(pattern, name string) bool {
	if rest, ok := strings.CutPrefix(strings.ToLower(pattern), "*."); ok {
		_, after, found := strings.Cut(name, ".")
		return found && after == rest
	}
	return strings.EqualFold(pattern, name)
}
