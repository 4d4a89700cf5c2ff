package hostile

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// raw sends bytes over TLS as they are, and reads one answer; nil where the server closes the connection instead.
func (s *target) raw(t *testing.T, text string) (*http.Response, []byte) {
	t.Helper()
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", s.address(), s.tlsConfig(t, "http/1.1"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()                                 //nolint:errcheck // it has been used
	conn.SetDeadline(time.Now().Add(30 * time.Second)) //nolint:errcheck // it is a socket
	go io.WriteString(conn, text)                      //nolint:errcheck // the server may not want all of it
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, nil
	}
	defer resp.Body.Close() //nolint:errcheck // it is only read
	body, _ := io.ReadAll(resp.Body)
	return resp, body
}

func (s *target) head(method, path string) string {
	return method + " " + path + " HTTP/1.1\r\nHost: nave\r\nAuthorization: Bearer " + s.token + "\r\nAccept: application/json\r\nConnection: close\r\n"
}

// A path that does not name exactly one thing is refused: it never leads to another one.
func TestPaths(t *testing.T) {
	s := newTarget(t)
	s.must(t, "POST", "/api/v1/namespaces/default/secrets", asJSON, `{"metadata":{"name":"treasure"},"data":{}}`)
	// None of these may be answered with the secret.
	for _, path := range []string{
		"/api/v1/namespaces/default/configmaps/../secrets/treasure",
		"/api/v1/namespaces/default/configmaps/%2e%2e/secrets/treasure",
		"/api/v1/namespaces/default/configmaps/..%2fsecrets%2ftreasure",
		"/api/v1/namespaces/default/configmaps/%2e%2e%2fsecrets%2ftreasure",
		"/api/v1/namespaces/default/configmaps/..%252fsecrets%252ftreasure",
		"/api/v1/namespaces/default/configmaps/..%5csecrets%5ctreasure",
		"/api/v1/namespaces/kube-system/../default/secrets/treasure",
		"/api/v1/namespaces/..%2f..%2fsecrets/configmaps/treasure",
		"/api/v1/namespaces/default/secrets/treasure%00",
		"/api/v1/namespaces/default/secrets/%00treasure",
		"/api/v1/namespaces/default/secrets/./treasure",
		"/api/v1/namespaces/default/secrets/%2e/treasure",
		"/api/v1/namespaces/default/secrets//treasure",
		"/api/v1/namespaces//default/secrets/treasure",
		"/api/v1//namespaces/default/secrets/treasure",
		"//api/v1/namespaces/default/secrets/treasure",
		"/api//v1/namespaces/default/secrets/treasure",
		"/./api/v1/namespaces/default/secrets/treasure",
		"/x/../api/v1/namespaces/default/secrets/treasure",
		"/api/v1/namespaces/default/secrets/treasure/..",
		"/api/v1/namespaces/default/secrets/treasure/../treasure",
		"/api/v1/namespaces/default/secrets/treasure;a=b",
		"/api/v1/namespaces/default/secrets/treasure%20",
		"/api/v1/namespaces/default/secrets/TREASURE",
		"/api/v1/namespaces/default/secrets/treasur%65%cc%81",
		"/api/v1/namespaces/default/secrets/%ef%bc%8e%ef%bc%8e",
		"/API/v1/namespaces/default/secrets/treasure",
		"/api/v1/namespaces/default/secrets/%zz",
		"/api/v1/namespaces/default/secrets/%",
		"api/v1/namespaces/default/secrets/treasure",
		"..",
		"*",
		"/openapi/v3/../../api/v1/namespaces/default/secrets/treasure",
		"/openapi/v3/..%2f..%2fapi",
		"/healthz/..%2fapi",
		"/" + times(500_000, "../"),
		"/" + times(500_000, "a/"),
		"/api/v1/namespaces/" + times(500_000, "n") + "/pods/a",
		"/api/v1/namespaces/default/pods/" + times(253, "a") + times(1000, "/b"),
	} {
		for _, method := range []string{"GET", "DELETE"} {
			resp, body := s.raw(t, s.head(method, path)+"\r\n")
			if resp == nil {
				continue // the connection is closed
			}
			if resp.StatusCode < 300 && (method == "DELETE" || strings.Contains(string(body), `"treasure"`)) {
				t.Errorf("%s %.80s: %d %.200s", method, path, resp.StatusCode, body)
			}
			if resp.StatusCode == http.StatusInternalServerError && strings.Contains(string(body), "panic") {
				t.Errorf("%s %.80s makes the server panic: %.300s", method, path, body)
			}
		}
	}
	// What is routed to a resource is refused with a Status.
	for path, codes := range map[string][]int{
		"/api/v1/namespaces/default/configmaps/%2e%2e":                {400, 404},
		"/api/v1/namespaces/default/configmaps/..":                    {301, 400, 404},
		"/api/v1/namespaces/default/configmaps/a%2fb":                 {400, 404},
		"/api/v1/namespaces/default/configmaps/a%00b":                 {400, 404},
		"/api/v1/namespaces/default/configmaps/" + times(10_000, "a"): {400, 404},
		"/api/v1/namespaces/%2e%2e/configmaps":                        {400, 404, 500},
	} {
		resp, body := s.raw(t, s.head("GET", path)+"\r\n")
		var status metav1.Status
		if resp == nil || !slices.Contains(codes, resp.StatusCode) || resp.StatusCode >= 400 && (json.Unmarshal(body, &status) != nil || status.Kind != "Status") {
			t.Errorf("%.80s: %v %.200s", path, resp, body)
		}
	}
	// Writes do not leave their place either.
	for _, name := range []string{"..", "../../secrets/kube-system/x", "a/b", "a\\u0000b", ".", "a%2fb", " "} {
		resp, body := s.raw(t, s.head("POST", configMaps)+"Content-Type: application/json\r\nContent-Length: "+itoa(len(`{"metadata":{"name":""}}`)+len(name))+"\r\n\r\n"+`{"metadata":{"name":"`+name+`"}}`)
		if resp == nil || resp.StatusCode != 422 {
			t.Errorf("the name %q: %v %.200s", name, resp, body)
		}
	}
	s.must(t, "GET", "/api/v1/namespaces/default/secrets/treasure", "", "")
}

// What is no HTTP, or not one request, ends the connection with 400 or without a word.
func TestNoHTTP(t *testing.T) {
	s := newTarget(t)
	head := strings.TrimSuffix(s.head("POST", configMaps+"?timeout=3s"), "Connection: close\r\n")
	body := `{"metadata":{"name":"smuggled"}}`
	for name, text := range map[string]string{
		"rubbish":                 "\x00\x01\x02\x03\r\n\r\n",
		"no version":              "GET /api\r\n\r\n",
		"another version":         "GET /api HTTP/9.9\r\nHost: a\r\n\r\n",
		"no host":                 "GET /api HTTP/1.1\r\n\r\n",
		"a header with a NUL":     "GET /api HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
		"a space before a colon":  head + "Content-Length : " + itoa(len(body)) + "\r\n\r\n" + body,
		"two lengths":             head + "Content-Length: 5\r\nContent-Length: " + itoa(len(body)) + "\r\n\r\n" + body,
		"a negative length":       head + "Content-Length: -1\r\n\r\n" + body,
		"a length and chunks":     head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api HTTP/1.1\r\n\r\n",
		"an encoding of its own":  head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"a chunk without an end":  head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"a chunk that is no size": head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		"megabytes of headers":    head + "X: " + times(3*megabyte, "x") + "\r\n\r\n",
		"very many headers":       head + times(300_000, "X: y\r\n") + "\r\n",
		"megabytes of query":      "GET /api?" + times(4*megabyte, "x") + " HTTP/1.1\r\nHost: a\r\n\r\n",
	} {
		s.attack(t, func() {
			resp, answer := s.raw(t, text)
			if resp != nil && (resp.StatusCode < 400 || resp.StatusCode >= 600) {
				t.Errorf("%s: %d %.200s", name, resp.StatusCode, answer)
			}
		})
	}
	if a := s.must(t, "GET", configMaps, "", ""); strings.Contains(string(a.body), "smuggled") {
		t.Error("something was smuggled in")
	}
}
