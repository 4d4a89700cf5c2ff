package connect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"

	"github.com/nave-k8s/nave/server/request"
)

// executors are client-go's, over SPDY and over WebSocket.
func executors(t *testing.T, f *front, path string) map[string]remotecommand.Executor {
	t.Helper()
	config := &rest.Config{Host: f.URL, BearerToken: "secret"}
	address := f.URL + "/api/v1/namespaces/ns/" + path
	u, _ := url.Parse(address)
	overSPDY, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, u)
	if err != nil {
		t.Fatal(err)
	}
	overSocket, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, address)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]remotecommand.Executor{"SPDY": overSPDY, "WebSocket": overSocket}
}

func TestExec(t *testing.T) {
	tests := []struct {
		name, path string
		in         string
		tty        bool
		out, err   string
		exit       int
	}{
		{name: "output", path: "pods/a/exec?command=ls&command=-l&stdout=true&stderr=true&container=c", err: "ls -l"},
		{name: "input", path: "pods/a/exec?command=cat&stdin=true&stdout=true&stderr=true", in: "hello", out: "hello", err: "cat"},
		{name: "exit code", path: "pods/a/exec?command=exit&command=7&stdout=true&stderr=true", err: "exit 7", exit: 7},
		{name: "terminal", path: "pods/a/exec?command=sh&stdin=true&stdout=true&tty=true", in: "hi", tty: true, out: "80x24 hi"},
		{name: "attach", path: "pods/a/attach?stdin=true&stdout=true&stderr=true", in: "there", out: "there"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			f := newFront(t, nil)
			for name, executor := range executors(t, f, tc.path) {
				var out, errOut bytes.Buffer
				o := remotecommand.StreamOptions{Stdout: &out, Tty: tc.tty}
				if strings.Contains(tc.path, "stdin") {
					o.Stdin = strings.NewReader(tc.in)
				}
				if !tc.tty {
					o.Stderr = &errOut
				} else {
					o.TerminalSizeQueue = &oneSize{}
				}
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				err := executor.StreamWithContext(ctx, o)
				cancel()
				var code exec.CodeExitError
				switch {
				case tc.exit != 0 && (!errors.As(err, &code) || code.Code != tc.exit):
					t.Errorf("%s: %v, want exit code %d", name, err, tc.exit)
				case tc.exit == 0 && err != nil:
					t.Errorf("%s: %v", name, err)
				}
				if out.String() != tc.out || errOut.String() != tc.err {
					t.Errorf("%s: said %q and %q, want %q and %q", name, out.String(), errOut.String(), tc.out, tc.err)
				}
				if got := f.kubelet.seen(); got.Header.Get("Authorization") != "" || len(got.TLS.PeerCertificates) != 1 {
					t.Errorf("%s: the kubelet saw %v", name, got.Header)
				}
			}
		})
	}
}

type oneSize struct{ given bool }

func (o *oneSize) Next() *remotecommand.TerminalSize {
	if o.given {
		return nil
	}
	o.given = true
	return &remotecommand.TerminalSize{Width: 80, Height: 24}
}

func TestExecRefusals(t *testing.T) {
	f := newFront(t, func(f *front) {
		f.config.MayCreate = func(_ context.Context, r *request.Request) error {
			if r.Query.Get("user") == "reader" {
				return apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, r.Name, errors.New("no"))
			}
			return nil
		}
	})
	f.things.pod("free", "", "", "c")
	f.things.pod("nowhere", "none", "", "c")
	upgrades := map[string]map[string]string{
		"SPDY":      {"Connection": "Upgrade", "Upgrade": "SPDY/3.1", "X-Stream-Protocol-Version": "v4.channel.k8s.io"},
		"WebSocket": {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-Websocket-Protocol": "v5.channel.k8s.io"},
	}
	tests := []struct {
		path string
		code int
		body string
	}{
		{"pods/free/exec?command=ls", 400, "pod free does not have a host assigned"},
		{"pods/free/portforward", 400, "pod free does not have a host assigned"},
		{"pods/nowhere/attach", 404, `pods "none" not found`},
		{"pods/none/exec", 404, `pods "none" not found`},
		{"pods/a/exec?container=x", 400, "container x is not valid for pod a"},
		{"pods/a/portforward?ports=x", 400, `strconv.ParseInt: parsing "x": invalid syntax`},
		{"pods/lost/exec?stdout=1", 404, `container not found ("c")`},
		{"pods/moved/exec?stdout=1", 500, "invalid upgrade response: status code 302"},
		{"pods/odd/exec?stdout=1", 500, "invalid upgrade response: status code 200"},
		{"pods/a/exec?user=reader", 403, `pods "a" is forbidden: no`},
	}
	for _, tc := range tests {
		for name, header := range upgrades {
			t.Run(tc.path+" "+name, func(t *testing.T) {
				req, _ := http.NewRequest(http.MethodGet, f.URL+"/api/v1/namespaces/ns/"+tc.path, nil)
				for k, v := range header {
					req.Header.Set(k, v)
				}
				resp, err := http.DefaultTransport.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				body, _ := io.ReadAll(resp.Body)
				if got := strings.TrimSpace(string(body)); resp.StatusCode != tc.code || got != tc.body {
					t.Errorf("got  %d %s\nwant %d %s", resp.StatusCode, got, tc.code, tc.body)
				}
			})
		}
	}
	if code, body := f.get(t, "pods/a/exec?command=ls&stdout=true"); code != 400 || body != "Upgrade request required" {
		t.Errorf("without an upgrade: %d %s", code, body)
	}
}

// WebSockets that the kubelet speaks itself are passed on as they are: older ones always, v5 if the node
// says so.
func TestExecPassesSockets(t *testing.T) {
	f := newFront(t, nil)
	f.things["nodes//n1"].(*corev1.Node).Status.DeclaredFeatures = []string{"ExtendWebSocketsToKubelet"}
	for _, asked := range []string{"v4.channel.k8s.io", "v5.channel.k8s.io"} {
		dialer := websocket.Dialer{Subprotocols: []string{"base64url.bearer.authorization.k8s.io.c2VjcmV0", asked}}
		conn, _, err := dialer.Dial("ws"+strings.TrimPrefix(f.URL, "http")+"/api/v1/namespaces/ns/pods/a/exec?command=cat&stdin=1&stdout=1", http.Header{"Impersonate-User": {"x"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.WriteMessage(websocket.BinaryMessage, []byte("\x00hello")); err != nil {
			t.Fatal(err)
		}
		if _, data, err := conn.ReadMessage(); err != nil || string(data) != "\x00hello" || conn.Subprotocol() != asked {
			t.Errorf("%s: %q %v", asked, data, err)
		}
		if h := f.kubelet.seen().Header; strings.Contains(h.Get("Sec-Websocket-Protocol"), "bearer") || h.Get("Impersonate-User") != "" {
			t.Errorf("the kubelet saw %v", h)
		}
		f.end()
		if _, _, err := conn.ReadMessage(); err == nil {
			t.Error("the stream outlived the server")
		}
		_ = conn.Close()
		f = newFront(t, nil)
		f.things["nodes//n1"].(*corev1.Node).Status.DeclaredFeatures = []string{"ExtendWebSocketsToKubelet"}
	}
}

// A backend that says nothing holds nobody for ever.
func TestUpgradeEndsWithTheClient(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+silent.Addr().String(), nil)
	if _, _, err := dialUpgrade(req, &http.Transport{}); err == nil {
		t.Error("a silent backend upgraded")
	}
}
