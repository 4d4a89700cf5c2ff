package serve

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"sync"
)

// TLS is how connections are secured.
type TLS struct {
	// Certificate returns what to show to a client.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// ClientCAs are told to clients, which choose a certificate by them. They may change: each handshake
	// asks. Nothing is verified here: authn does, because a bad certificate is a 401 and no failed handshake.
	// Nil: clients are asked for a certificate of anybody.
	ClientCAs func() *x509.CertPool
	// MinVersion is the oldest version; 0 for TLS 1.2. CipherSuites (of TLS 1.2) and Curves are Go's if empty.
	MinVersion   uint16
	CipherSuites []uint16
	Curves       []tls.CurveID
	// NoHTTP2: HTTP/1.1 alone. MaxStreams is how many requests a connection may have at once; 0 for 250.
	NoHTTP2    bool
	MaxStreams int
}

// config returns the configuration of a listener.
func (t TLS) config() (*tls.Config, error) {
	c := &tls.Config{
		MinVersion: t.MinVersion, CipherSuites: t.CipherSuites, CurvePreferences: t.Curves,
		GetCertificate: t.Certificate, ClientAuth: tls.RequestClientCert, NextProtos: []string{"h2", "http/1.1"},
	}
	if c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS12
	}
	if t.NoHTTP2 {
		c.NextProtos = []string{"http/1.1"}
	} else if len(c.CipherSuites) > 0 && c.MinVersion < tls.VersionTLS13 && !slices.ContainsFunc(c.CipherSuites, forHTTP2) {
		return nil, fmt.Errorf("HTTP/2 over TLS 1.2 needs one of the cipher suites TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 and TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
	}
	if t.ClientCAs == nil {
		return c, nil
	}
	var mu sync.Mutex
	configs := map[*x509.CertPool]*tls.Config{}
	outer := c.Clone()
	outer.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		pool := t.ClientCAs()
		mu.Lock()
		defer mu.Unlock()
		// A configuration is kept: it holds the keys of session tickets.
		if configs[pool] == nil {
			clear(configs)
			inner := c.Clone()
			inner.ClientCAs = pool
			configs[pool] = inner
		}
		return configs[pool], nil
	}
	return outer, nil
}

func forHTTP2(suite uint16) bool {
	return suite == tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 || suite == tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
}
