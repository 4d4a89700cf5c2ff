package serve

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func certificate(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

// serveTLS serves what TLS says, and returns where, and whom clients may trust.
func serveTLS(t *testing.T, secure TLS, handler http.HandlerFunc) (address string, trust *x509.CertPool) {
	t.Helper()
	cert, pool := certificate(t, "server")
	secure.Certificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &cert, nil }
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(socket, secure, handler, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	go l.Serve()                                           //nolint:errcheck // it is shut down
	t.Cleanup(func() { l.Shutdown(context.Background()) }) //nolint:errcheck // the test ends
	return socket.Addr().String(), pool
}

func hello(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) } //nolint:errcheck // a test

func TestVersionsAndProtocols(t *testing.T) {
	for _, c := range []struct {
		name   string
		secure TLS
		client *tls.Config
		want   string // the protocol, or part of the error
	}{
		{"as it comes", TLS{}, &tls.Config{NextProtos: []string{"h2"}}, "h2"},
		{"an old client", TLS{}, &tls.Config{MaxVersion: tls.VersionTLS11}, "protocol version"},
		{"TLS 1.3 alone", TLS{MinVersion: tls.VersionTLS13}, &tls.Config{MaxVersion: tls.VersionTLS12}, "protocol version"},
		{"no HTTP/2", TLS{NoHTTP2: true}, &tls.Config{NextProtos: []string{"h2", "http/1.1"}}, "http/1.1"},
		{"another cipher suite", TLS{CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}}, "handshake failure"},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, trust := serveTLS(t, c.secure, hello)
			c.client.RootCAs = trust
			if c.client.MaxVersion != 0 && c.client.MaxVersion < tls.VersionTLS12 {
				c.client.MinVersion = tls.VersionTLS10
			}
			got := ""
			conn, err := tls.Dial("tcp", address, c.client)
			if err != nil {
				got = err.Error()
			} else {
				got = conn.ConnectionState().NegotiatedProtocol
				conn.Close() //nolint:errcheck // a test
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	if _, err := (TLS{CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}}).config(); err == nil {
		t.Error("HTTP/2 without its cipher suites should be refused")
	}
}

// TestClientCAs: clients are told the CAs that count when they connect.
func TestClientCAs(t *testing.T) {
	first, one := certificate(t, "one")
	second, two := certificate(t, "two")
	pool := one
	address, trust := serveTLS(t, TLS{ClientCAs: func() *x509.CertPool { return pool }}, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName) //nolint:errcheck // a test
	})
	ask := func() string {
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
			RootCAs: trust, Certificates: []tls.Certificate{first, second},
		}, DisableKeepAlives: true}}
		resp, err := client.Get("https://" + address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // a test
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if got := ask(); got != "one" {
		t.Errorf("the client is %s", got)
	}
	pool = two
	if got := ask(); got != "two" {
		t.Errorf("with another CA the client is %s", got)
	}
}

func TestDecorate(t *testing.T) {
	d := Decor{StrictTransportSecurity: "max-age=5", GoawayChance: 1, Origins: []*regexp.Regexp{regexp.MustCompile(`^https://a\.test$`)}}
	address, trust := serveTLS(t, TLS{}, Decorate(http.HandlerFunc(hello), d).ServeHTTP)
	connections := 0
	client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: trust},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			connections++
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}}}
	ask := func(method, origin string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, "https://"+address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body) //nolint:errcheck // a test
		resp.Body.Close()              //nolint:errcheck // a test
		return resp
	}
	resp := ask("GET", "https://a.test")
	if h := resp.Header; h.Get("Strict-Transport-Security") != "max-age=5" || h.Get("Access-Control-Allow-Origin") != "https://a.test" {
		t.Errorf("headers %v", h)
	}
	if resp := ask("OPTIONS", "https://a.test"); resp.StatusCode != http.StatusNoContent {
		t.Errorf("preflight: %d", resp.StatusCode)
	}
	if resp := ask("GET", "https://b.test"); resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: %v", resp.Header)
	}
	if connections < 2 {
		t.Errorf("%d connections: the client was not sent away", connections)
	}
	if h := http.HandlerFunc(hello); Decorate(h, Decor{}) == nil {
		t.Error("nothing to decorate")
	}
}
