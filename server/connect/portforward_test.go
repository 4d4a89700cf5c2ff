package connect

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

func TestPortForward(t *testing.T) {
	f := newFront(t, nil)
	u, _ := url.Parse(f.URL + "/api/v1/namespaces/ns/pods/a/portforward")
	config := &rest.Config{Host: f.URL}
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		t.Fatal(err)
	}
	overSocket, err := portforward.NewSPDYOverWebsocketDialer(u, config)
	if err != nil {
		t.Fatal(err)
	}
	dialers := map[string]httpstream.Dialer{
		"SPDY":      spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, u),
		"WebSocket": overSocket,
	}
	for name, dialer := range dialers {
		t.Run(name, func(t *testing.T) {
			conn, protocol, err := dialer.Dial("portforward.k8s.io")
			if err != nil || protocol != "portforward.k8s.io" {
				t.Fatal(protocol, err)
			}
			defer conn.Close()
			for i, port := range []string{"80", "8080"} {
				h := http.Header{}
				h.Set(corev1.StreamType, corev1.StreamTypeError)
				h.Set(corev1.PortHeader, port)
				h.Set(corev1.PortForwardRequestIDHeader, fmt.Sprint(i))
				if _, err := conn.CreateStream(h); err != nil {
					t.Fatal(err)
				}
				h.Set(corev1.StreamType, corev1.StreamTypeData)
				data, err := conn.CreateStream(h)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintln(data, "hello")
				if line, err := bufio.NewReader(data).ReadString('\n'); line != port+": hello\n" {
					t.Errorf("got %q, %v", line, err)
				}
			}
		})
	}
}
