package connect

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/apimachinery/pkg/util/httpstream/spdy"
	protocol "k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/client-go/tools/remotecommand"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// authority makes certificates for one test.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.cert = a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, &a.key.PublicKey)
	return a
}

func (a *authority) sign(c *x509.Certificate, public any) *x509.Certificate {
	a.t.Helper()
	c.SerialNumber, c.Subject = big.NewInt(time.Now().UnixNano()), pkix.Name{CommonName: "test"}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent := a.cert
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	out, _ := x509.ParseCertificate(der)
	return out
}

func (a *authority) leaf(usage x509.ExtKeyUsage) tls.Certificate {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	cert := a.sign(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{usage}}, &key.PublicKey)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// testKubelet answers as a kubelet does, to nobody but the bearer of the authority's certificate.
type testKubelet struct {
	*httptest.Server
	mu   sync.Mutex
	last *http.Request
	logs chan string // lines of a log that is followed
}

func (k *testKubelet) seen() *http.Request {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}

func newTestKubelet(t *testing.T, a *authority) *testKubelet {
	t.Helper()
	k := &testKubelet{logs: make(chan string)}
	mux := http.NewServeMux()
	mux.HandleFunc("/containerLogs/ns/{pod}/c", k.serveLogs)
	mux.HandleFunc("/exec/ns/{pod}/c", k.serveExec)
	mux.HandleFunc("/attach/ns/{pod}/c", k.serveExec)
	mux.HandleFunc("/portForward/ns/{pod}", k.servePortForward)
	mux.HandleFunc("/pods/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s %s", r.Method, r.URL) })
	k.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		k.last = r.Clone(context.Background())
		k.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	k.TLS = &tls.Config{Certificates: []tls.Certificate{a.leaf(x509.ExtKeyUsageServerAuth)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.pool()}
	k.StartTLS()
	t.Cleanup(k.CloseClientConnections)
	return k
}

func (k *testKubelet) serveLogs(w http.ResponseWriter, r *http.Request) {
	switch r.PathValue("pod") {
	case "lost":
		http.Error(w, "container not found", http.StatusNotFound)
	case "moved":
		http.Redirect(w, r, "https://example.com/", http.StatusFound)
	case "broken":
		http.Error(w, "it broke", http.StatusInternalServerError)
	case "follow":
		flush := http.NewResponseController(w).Flush
		_ = flush()
		for line := range k.logs {
			fmt.Fprintln(w, line)
			_ = flush()
		}
	default:
		fmt.Fprintf(w, "log of %s, %s", r.PathValue("pod"), r.URL.RawQuery)
	}
}

// serveExec copies stdin to stdout, tells stderr what it was asked for, and exits with the code that the
// command names.
func (k *testKubelet) serveExec(w http.ResponseWriter, r *http.Request) {
	switch r.PathValue("pod") {
	case "lost":
		http.Error(w, "container not found (\"c\")", http.StatusNotFound)
		return
	case "moved":
		http.Redirect(w, r, "https://example.com/", http.StatusFound)
		return
	case "odd":
		fmt.Fprint(w, "no upgrade here")
		return
	}
	q := r.URL.Query()
	if r.Header.Get("Upgrade") == "websocket" {
		serveExecSocket(w, r)
		return
	}
	if _, err := httpstream.Handshake(r, w, []string{protocol.StreamProtocolV4Name}); err != nil {
		return
	}
	streams := make(chan httpstream.Stream, 5)
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, replied <-chan struct{}) error {
		go func() { <-replied; streams <- s }()
		return nil
	})
	if conn == nil {
		return
	}
	defer conn.Close()
	want := 1
	for _, name := range []string{"input", "output", "error", "tty"} {
		if q.Get(name) == "1" && !(name == "error" && q.Get("tty") == "1") {
			want++
		}
	}
	by := map[string]httpstream.Stream{}
	for len(by) < want {
		select {
		case s := <-streams:
			by[s.Headers().Get(corev1.StreamType)] = s
		case <-time.After(5 * time.Second):
			return
		}
	}
	if s := by[corev1.StreamTypeResize]; s != nil {
		var size remotecommand.TerminalSize
		if json.NewDecoder(s).Decode(&size) == nil {
			fmt.Fprintf(by[corev1.StreamTypeStdout], "%dx%d ", size.Width, size.Height)
		}
	}
	if s := by[corev1.StreamTypeStderr]; s != nil {
		fmt.Fprint(s, strings.Join(q["command"], " "))
		_ = s.Close()
	}
	if in := by[corev1.StreamTypeStdin]; in != nil {
		_, _ = io.Copy(by[corev1.StreamTypeStdout], in)
	}
	if out := by[corev1.StreamTypeStdout]; out != nil {
		_ = out.Close()
	}
	status := metav1.Status{Status: metav1.StatusSuccess}
	if len(q["command"]) > 0 {
		if code, err := strconv.Atoi(q["command"][len(q["command"])-1]); err == nil && code != 0 {
			status = metav1.Status{Status: metav1.StatusFailure, Reason: protocol.NonZeroExitCodeReason,
				Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: protocol.ExitCodeCauseType, Message: strconv.Itoa(code)}}}}
		}
	}
	data, _ := json.Marshal(status)
	_, _ = by[corev1.StreamTypeError].Write(data)
	_ = by[corev1.StreamTypeError].Close()
	<-time.After(50 * time.Millisecond)
}

// servePortForward sends back what it gets, with the port before it.
func (k *testKubelet) servePortForward(w http.ResponseWriter, r *http.Request) {
	if _, err := httpstream.Handshake(r, w, []string{"portforward.k8s.io"}); err != nil {
		return
	}
	conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, replied <-chan struct{}) error {
		go func() {
			<-replied
			defer s.Close()
			if s.Headers().Get(corev1.StreamType) != corev1.StreamTypeData {
				return
			}
			line, _ := bufio.NewReader(s).ReadString('\n')
			fmt.Fprintf(s, "%s: %s", s.Headers().Get(corev1.PortHeader), line)
		}()
		return nil
	})
	if conn != nil {
		<-conn.CloseChan()
	}
}

// things is a Reader.
type things map[string]kinds.Object

func (m things) Get(_ context.Context, group, plural, namespace, name string) (kinds.Object, error) {
	if o := m[plural+"/"+namespace+"/"+name]; o != nil {
		return o.DeepCopyObject().(kinds.Object), nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: plural}, name)
}

func (m things) List(_ context.Context, _, plural, namespace string) ([]kinds.Object, error) {
	var out []kinds.Object
	for key, o := range m {
		if strings.HasPrefix(key, plural+"/"+namespace+"/") {
			out = append(out, o)
		}
	}
	return out, nil
}

func (m things) pod(name, node, ip string, containers ...string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "ns"}}
	p.Spec.NodeName, p.Status.PodIP = node, ip
	for _, c := range containers {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: c})
	}
	m["pods/ns/"+name] = p
	return p
}

// front is a server with nothing but the handlers. As the real one's, its response writer has to be asked
// for what it can do.
type front struct {
	*httptest.Server
	things  things
	kubelet *testKubelet
	config  Config
	end     context.CancelFunc // stops the server's streams
}

type plainWriter struct{ http.ResponseWriter }

func (p plainWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func newFront(t *testing.T, change func(*front)) *front {
	t.Helper()
	a := newAuthority(t)
	f := &front{things: things{}, kubelet: newTestKubelet(t, a)}
	host, port, _ := net.SplitHostPort(f.kubelet.Listener.Addr().String())
	number, _ := strconv.Atoi(port)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1"}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: host}}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(number)
	f.things["nodes//n1"] = node
	for _, name := range []string{"a", "lost", "moved", "odd", "broken", "follow"} {
		f.things.pod(name, "n1", "", "c")
	}
	client := a.leaf(x509.ExtKeyUsageClientAuth)
	f.config = Config{Reader: f.things, Kubelet: KubeletConfig{CA: a.pool(), Certificate: &client}}
	f.config.Life, f.end = context.WithCancel(context.Background())
	if change != nil {
		change(f)
	}
	handlers, err := Handlers(f.config)
	if err != nil {
		t.Fatal(err)
	}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		r := &request.Request{HTTP: hr, Query: request.ParseQuery(hr.URL.RawQuery)}
		parts := strings.Split(strings.Trim(hr.URL.Path, "/"), "/")[2:] // of /api/v1
		if parts[0] == "namespaces" {
			r.Namespace, parts = parts[1], parts[2:]
		}
		r.Parts, r.Resource, r.Name, r.Subresource = parts, parts[0], parts[1], parts[2]
		if err := handlers[r.Resource+"/"+r.Subresource](plainWriter{w}, r); err != nil {
			code, text := http.StatusInternalServerError, err.Error()
			if s, ok := err.(apierrors.APIStatus); ok {
				code, text = int(s.Status().Code), s.Status().Message
			}
			http.Error(w, text, code)
		}
	}))
	t.Cleanup(func() { f.end(); f.CloseClientConnections(); f.Close() })
	return f
}

// get returns code and body of a GET below the namespace.
func (f *front) get(t *testing.T, path string) (int, string) {
	t.Helper()
	resp, err := http.Get(f.URL + "/api/v1/namespaces/ns/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, strings.TrimSpace(string(body))
}
