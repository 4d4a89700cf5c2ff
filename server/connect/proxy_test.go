package connect

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podApp is what runs in the pod.
func podApp(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Upgrade") == "websocket":
		serveExecSocket(w, r)
	case strings.HasSuffix(r.URL.Path, "/page"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, `<a href="/other">x</a>`)
	case strings.HasSuffix(r.URL.Path, "/moved"):
		http.Redirect(w, r, "/other", http.StatusFound)
	default:
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s host=%s uri=%s auth=%q %s", r.Method, r.URL, r.Host, r.Header.Get("X-Forwarded-Uri"), r.Header.Get("Authorization"), body)
	}
}

// newProxyFront has a pod p with the IP 10.1.1.1 and a service s in front of it, both in truth app.
func newProxyFront(t *testing.T) (*front, func() string) {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(podApp))
	t.Cleanup(func() { app.CloseClientConnections(); app.Close() })
	secure := httptest.NewTLSServer(http.HandlerFunc(podApp))
	t.Cleanup(func() { secure.CloseClientConnections(); secure.Close() })
	var dialled atomic.Value
	f := newFront(t, func(f *front) {
		f.config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled.Store(address)
			to := app.Listener.Addr().String()
			if strings.HasSuffix(address, ":443") {
				to = secure.Listener.Addr().String()
			}
			return (&net.Dialer{}).DialContext(ctx, network, to)
		}
	})
	f.things.pod("p", "n1", "10.1.1.1", "c").Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 8080}}
	f.things.pod("six", "n1", "fd00::1", "c")
	f.things.pod("home", "n1", "127.0.0.1", "c")
	f.things.pod("link", "n1", "169.254.169.254", "c")
	f.things.pod("new", "", "", "c")
	f.things["services/ns/s"] = &corev1.Service{Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "web", Port: 80}}}}
	f.things["services/ns/empty"] = &corev1.Service{Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "web", Port: 80}}}}
	slice := func(service, pod, ip string) *discoveryv1.EndpointSlice {
		name, port := "web", int32(8080)
		return &discoveryv1.EndpointSlice{
			ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{discoveryv1.LabelServiceName: service}}, AddressType: discoveryv1.AddressTypeIPv4,
			Endpoints: []discoveryv1.Endpoint{{Addresses: []string{ip}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: pod}}},
			Ports:     []discoveryv1.EndpointPort{{Name: &name, Port: &port}},
		}
	}
	f.things["endpointslices/ns/a"] = slice("s", "p", "10.1.1.1")
	f.things["endpointslices/ns/b"] = slice("forged", "p", "10.9.9.9")
	f.things["services/ns/forged"] = f.things["services/ns/s"]
	return f, func() string { last, _ := dialled.Swap("").(string); return last }
}

func TestProxy(t *testing.T) {
	f, dialled := newProxyFront(t)
	const ns = "/api/v1/namespaces/ns/"
	host := strings.TrimPrefix(f.URL, "http://")
	tests := []struct {
		method, path string
		code         int
		body         string
		dialled      string
	}{
		{"GET", "pods/p/proxy/x/y?q=1", 200, "GET /x/y?q=1 host=" + host + " uri=" + ns + `pods/p/proxy/x/y auth=""`, "10.1.1.1:8080"},
		{"GET", "pods/p/proxy/", 200, "GET / host=" + host + " uri=" + ns + `pods/p/proxy/ auth=""`, "10.1.1.1:8080"},
		{"POST", "pods/p:99/proxy/x/", 200, "POST /x/ host=" + host + " uri=" + ns + `pods/p:99/proxy/x/ auth="" sent`, "10.1.1.1:99"},
		{"DELETE", "pods/https:p:443/proxy/x", 200, "DELETE /x host=" + host + " uri=" + ns + `pods/https:p:443/proxy/x auth="" sent`, "10.1.1.1:443"},
		{"GET", "pods/six:80/proxy/x", 200, "GET /x host=" + host + " uri=" + ns + `pods/six:80/proxy/x auth=""`, "[fd00::1]:80"},
		{"GET", "pods/p/proxy", 301, ns + "pods/p/proxy/", ""},
		{"GET", "pods/p/proxy?q=1", 301, ns + "pods/p/proxy/?q=1", ""},
		{"GET", "pods/p/proxy/moved", 302, ns + "pods/p/proxy/other", "10.1.1.1:8080"},
		{"GET", "pods/p/proxy/page", 200, `<a href="` + ns + `pods/p/proxy/other">x</a>`, "10.1.1.1:8080"},
		{"GET", "pods/home/proxy/", 400, "address not allowed", ""},
		{"GET", "pods/link/proxy/", 400, "address not allowed", ""},
		{"GET", "pods/new/proxy/x", 400, "address not allowed", ""},
		{"GET", "pods/none/proxy/", 404, `pods "none" not found`, ""},
		{"GET", "pods/ftp:p:1/proxy/", 400, `invalid pod request "ftp:p:1"`, ""},
		{"GET", "services/s:web/proxy/x", 200, "GET /x host=" + host + " uri=" + ns + `services/s:web/proxy/x auth=""`, "10.1.1.1:8080"},
		{"PATCH", "services/s:80/proxy/x", 200, "PATCH /x host=" + host + " uri=" + ns + `services/s:80/proxy/x auth="" sent`, "10.1.1.1:8080"},
		{"GET", "services/s:81/proxy/", 503, `no service port 81 found for service "s"`, ""},
		{"GET", "services/s:other/proxy/", 503, `no endpoints available for service "s"`, ""},
		{"GET", "services/empty:80/proxy/x", 503, `no endpoints available for service "empty"`, ""},
		{"GET", "services/none/proxy/", 503, `no endpoints available for service "none"`, ""},
		{"GET", "services/ftp:s:web/proxy/", 400, `invalid service request "ftp:s:web"`, ""},
		{"GET", "services/forged:web/proxy/", 503, `no endpoints available for service "forged"`, ""},
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, tc := range tests {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			var body io.Reader
			if tc.method != "GET" {
				body = strings.NewReader("sent")
			}
			req, _ := http.NewRequest(tc.method, f.URL+ns+tc.path, body)
			req.Header.Set("Authorization", "Bearer secret")
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			got, _ := io.ReadAll(resp.Body)
			text := strings.TrimSpace(string(got))
			if to := resp.Header.Get("Location"); to != "" {
				text = to
			}
			if resp.StatusCode != tc.code || text != tc.body {
				t.Errorf("got  %d %s\nwant %d %s", resp.StatusCode, text, tc.code, tc.body)
			}
			if got := dialled(); got != "" && got != tc.dialled { // or a connection that was there
				t.Errorf("dialled %s, want %s", got, tc.dialled)
			}
			if resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("the backend's CORS headers came through")
			}
		})
	}
}

func TestProxyNode(t *testing.T) {
	f, _ := newProxyFront(t)
	_, port, _ := net.SplitHostPort(f.kubelet.Listener.Addr().String())
	tests := []struct {
		path string
		code int
		body string
	}{
		{"nodes/n1/proxy/pods/x?y=1", 200, "GET /pods/x?y=1"},
		{"nodes/n1:" + port + "/proxy/pods/", 200, "GET /pods/"},
		{"nodes/n1:1/proxy/pods/", 400, "address not allowed"}, // the test's node is this host
		{"nodes/none/proxy/pods/", 404, `nodes "none" not found`},
		{"nodes/a:b:c:d/proxy/pods/", 400, `invalid node request "a:b:c:d"`},
	}
	for _, tc := range tests {
		t.Run(tc.path, func(t *testing.T) {
			resp, err := http.Get(f.URL + "/api/v1/" + tc.path)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			got, _ := io.ReadAll(resp.Body)
			if text := strings.TrimSpace(string(got)); resp.StatusCode != tc.code || text != tc.body {
				t.Errorf("got  %d %s\nwant %d %s", resp.StatusCode, text, tc.code, tc.body)
			}
		})
	}
}

func TestProxySocket(t *testing.T) {
	f, _ := newProxyFront(t)
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(f.URL, "http")+"/api/v1/namespaces/ns/pods/p/proxy/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, data, err := conn.ReadMessage(); err != nil || string(data) != "hello" {
		t.Errorf("%q %v", data, err)
	}
}

func TestAllowed(t *testing.T) {
	for text, want := range map[string]bool{
		"10.0.0.1": true, "192.168.1.1": true, "8.8.8.8": true, "fd00::1": true, "2001:db8::1": true,
		"127.0.0.1": false, "::1": false, "169.254.169.254": false, "fe80::1": false, "0.0.0.0": false, "::": false,
		"224.0.0.1": false, "255.255.255.255": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": true,
	} {
		if got := allowed(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
		err := checkAddress("tcp", netip.AddrPortFrom(netip.MustParseAddr(text), 80).String(), nil)
		if (err == nil) != want {
			t.Errorf("dialling %s: %v", text, err)
		}
	}
	if _, err := podTransport(nil).DialContext(context.Background(), "tcp", "localhost:80"); err == nil || !strings.Contains(err.Error(), "address not allowed") {
		t.Errorf("a name of this host: %v", err)
	}
}
