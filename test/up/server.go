package up

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Server is a running nave up.
type Server struct {
	URL     string
	DataDir string
	// Took is how long it was from the start of the process until it said that it is ready.
	Took time.Duration

	process *exec.Cmd
	out     *output
	exited  chan struct{}
	err     error // of the process, once exited is closed
}

// startTimeout is how long a start may take on a busy machine.
const startTimeout = 60 * time.Second

// Start starts nave up on a folder of the test's own and a free port, and waits until it is ready. It is
// stopped when the test ends.
func Start(t testing.TB, flags ...string) *Server {
	t.Helper()
	return StartIn(t, filepath.Join(t.TempDir(), "data"), flags...)
}

// StartIn is Start on a folder that the test chooses.
func StartIn(t testing.TB, dataDir string, flags ...string) *Server {
	t.Helper()
	s, err := Run(Binary(t), dataDir, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() && s.Stderr() != "" {
			t.Logf("nave up wrote:\n%s", s.Stderr())
		}
	})
	return s
}

// Run is StartIn without a test around it: the caller kills the server.
func Run(binary, dataDir string, flags ...string) (*Server, error) {
	args := append([]string{"up", "--data-dir", dataDir, "--secure-port", "0"}, flags...)
	s := &Server{DataDir: dataDir, out: newOutput(), exited: make(chan struct{})}
	s.process = exec.Command(binary, args...)
	s.process.Stdout, s.process.Stderr = &s.out.stdout, &s.out.stderr
	started := time.Now()
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() {
		s.err = s.process.Wait()
		close(s.exited)
	}()
	select {
	case <-s.out.ready:
	case <-s.exited:
		return nil, fmt.Errorf("nave up ended: %w\n%s", s.err, s.Stderr())
	case <-time.After(startTimeout):
		s.Kill()
		return nil, fmt.Errorf("nave up is not ready after %s\n%s", startTimeout, s.Stderr())
	}
	s.Took = time.Since(started)
	s.URL = s.out.url()
	return s, nil
}

// Kubeconfig is the file with which the administrator reaches the server.
func (s *Server) Kubeconfig() string { return filepath.Join(s.DataDir, "admin.kubeconfig") }

// CA is the file of the server's certificate authority.
func (s *Server) CA() string { return filepath.Join(s.DataDir, "ca.crt") }

// Token is the administrator's bearer token.
func (s *Server) Token() (string, error) {
	token, err := os.ReadFile(filepath.Join(s.DataDir, "admin.token"))
	return strings.TrimSpace(string(token)), err
}

// Config is what client-go needs to reach the server as its administrator, without a limit of its own.
func (s *Server) Config(t testing.TB) *rest.Config {
	t.Helper()
	c, err := clientcmd.BuildConfigFromFlags("", s.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	c.QPS = -1
	return c
}

// Client speaks HTTP to the server, without credentials.
func (s *Server) Client(t testing.TB) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(s.CA())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// Signal sends the process a signal.
func (s *Server) Signal(sig os.Signal) error { return s.process.Process.Signal(sig) }

// Wait returns what the process ended with, or an error when it does not end in time.
func (s *Server) Wait(timeout time.Duration) error {
	select {
	case <-s.exited:
		return s.err
	case <-time.After(timeout):
		return fmt.Errorf("nave up still runs after %s", timeout)
	}
}

// Stop asks the process to stop, as Ctrl-C does, and waits for it.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if err := s.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(startTimeout); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the process at once and waits until it is gone.
func (s *Server) Kill() {
	s.process.Process.Kill() //nolint:errcheck // it may have ended by itself
	<-s.exited
}

// Stdout is what the process printed so far.
func (s *Server) Stdout() string { return s.out.stdout.String() }

// Stderr is what the process logged so far.
func (s *Server) Stderr() string { return s.out.stderr.String() }

// output holds what a process writes, and tells when it said that it is ready.
type output struct {
	stdout, stderr watched
	ready          chan struct{}
}

func newOutput() *output {
	o := &output{ready: make(chan struct{})}
	said := sync.OnceFunc(func() { close(o.ready) })
	o.stdout.wrote = func(text []byte) {
		if serving.Match(text) {
			said()
		}
	}
	return o
}

var serving = regexp.MustCompile(`serves Kubernetes \S+ at (https://\S+) .*\n`)

func (o *output) url() string { return serving.FindStringSubmatch(o.stdout.String())[1] }

// watched is a buffer that several goroutines may use.
type watched struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote func([]byte)
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.text.Write(p)
	if w.wrote != nil {
		w.wrote(w.text.Bytes())
	}
	return n, err
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// Pid is the process's id, for tests that look at what it takes.
func (s *Server) Pid() int { return s.process.Process.Pid }
