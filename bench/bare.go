package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// bareCommand makes the bench the bare server: the limit of what reads can be.
const bareCommand = "bare-server"

// bare is a running bare server.
type bare struct {
	command *exec.Cmd
	stdin   io.Closer
	process process
	url     string
	roots   *x509.CertPool
}

// bareHello is what the child prints when it serves.
type bareHello struct {
	URL  string
	Cert []byte // PEM
}

func startBare() (*bare, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.Command(self, bareCommand)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	b := &bare{command: c, stdin: in, process: process(c.Process.Pid), roots: x509.NewCertPool()}
	var hello bareHello
	if err := json.NewDecoder(out).Decode(&hello); err != nil {
		b.stop()
		return nil, err
	}
	b.url = hello.URL
	b.roots.AppendCertsFromPEM(hello.Cert)
	return b, nil
}

func (b *bare) stop() { stopCommand(b.command) }

func (b *bare) client() (*client, error) {
	return &client{url: b.url, http: &http.Client{Transport: transport(&tls.Config{RootCAs: b.roots})}}, nil
}

// put gives the server bytes to answer GETs of the path with.
func (b *bare) put(ctx context.Context, path string, body []byte) error {
	c, err := b.client()
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	_, err = c.do(ctx, request{method: "PUT", path: path, body: body})
	return err
}

// serveBare serves until stdin ends, which it does with the parent.
func serveBare(in io.Reader, out io.Writer) error {
	cert, certPEM, err := selfSigned()
	if err != nil {
		return err
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}}
	server := &http.Server{Handler: &bareHandler{blobs: map[string][]byte{}, streams: map[chan []byte]bool{}}, TLSConfig: config}
	if err := http2.ConfigureServer(server, &http2.Server{MaxConcurrentStreams: 250}); err != nil {
		return err
	}
	go server.Serve(tls.NewListener(socket, config)) //nolint:errcheck // it ends with the process
	if err := json.NewEncoder(out).Encode(bareHello{URL: "https://" + socket.Addr().String(), Cert: certPEM}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

func selfSigned() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// bareHandler keeps what is PUT and answers GETs with it. A GET of /stream stays open and is sent what is
// POSTed.
type bareHandler struct {
	mu      sync.RWMutex
	blobs   map[string][]byte
	streams map[chan []byte]bool
}

func (h *bareHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPut:
		var b bytes.Buffer
		if _, err := b.ReadFrom(r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		h.mu.Lock()
		h.blobs[r.URL.Path] = b.Bytes()
		h.mu.Unlock()
	case r.Method == http.MethodPost:
		var b bytes.Buffer
		b.ReadFrom(r.Body) //nolint:errcheck // what there is
		h.mu.RLock()
		defer h.mu.RUnlock()
		for s := range h.streams {
			s <- b.Bytes()
		}
	case r.URL.Path == "/stream":
		h.stream(w, r)
	default:
		h.mu.RLock()
		blob := h.blobs[r.URL.Path]
		h.mu.RUnlock()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(blob)))
		w.Write(blob) //nolint:errcheck // the client is gone
	}
}

func (h *bareHandler) stream(w http.ResponseWriter, r *http.Request) {
	events := make(chan []byte, 16)
	h.mu.Lock()
	h.streams[events] = true
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.streams, events)
		h.mu.Unlock()
	}()
	flush := http.NewResponseController(w).Flush
	flush() //nolint:errcheck // Write tells
	for {
		select {
		case b := <-events:
			if _, err := w.Write(b); err != nil {
				return
			}
			flush() //nolint:errcheck // Write tells
		case <-r.Context().Done():
			return
		}
	}
}
