package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/store/memory"
)

// everybody is an administrator.
type everybody struct{}

func (everybody) Authenticate(*request.Request) (*authenticationv1.UserInfo, error) {
	return &authenticationv1.UserInfo{Username: "admin", Groups: []string{"system:masters"}}, nil
}

// running is a server in memory, without network, and with the objects that every cluster has.
func running(tb testing.TB) http.Handler {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := New(Config{
		Store: memory.New(memory.Config{}), Kinds: kinds.NewSet(builtin.All()), Address: "127.0.0.1:6443",
		Authenticators: []authn.Authenticator{everybody{}}, ServiceAccountKey: key, Issuer: "https://bench",
		ServiceRanges: []netip.Prefix{netip.MustParsePrefix("10.96.0.0/16")},
	})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	tb.Cleanup(cancel)
	go s.Run(ctx) //nolint:errcheck // it ends with the test
	if err := s.Bootstrap(ctx); err != nil {
		tb.Fatal(err)
	}
	h := s.Handler()
	send(tb, h, "POST", "/api/v1/namespaces/default/serviceaccounts", "application/json", `{"metadata":{"name":"default"}}`)
	return h
}

// send sends a request and returns the answer, which must be a good one.
func send(tb testing.TB, h http.Handler, method, path, contentType, body string) []byte {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("User-Agent", "bench/1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code >= 300 {
		tb.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

const (
	pods          = "/api/v1/namespaces/default/pods"
	jsonType      = "application/json"
	mergeType     = "application/merge-patch+json"
	strategicType = "application/strategic-merge-patch+json"
	applyType     = "application/apply-patch+yaml"
)

// podText is a pod as a controller creates it.
func podText(name string) string {
	container := func(name string) string {
		return fmt.Sprintf(`{"name":%q,"image":"registry.example.com/team/app:v1.27.3","args":["--config=/etc/web/config.yaml","--log-level=info"],
			"ports":[{"name":"http","containerPort":8080}],
			"env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},{"name":"DATABASE","value":"postgres://db:5432/web"}],
			"resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"memory":"256Mi"}},
			"volumeMounts":[{"name":"config","mountPath":"/etc/web"},{"name":"cache","mountPath":"/var/cache/web"}],
			"livenessProbe":{"httpGet":{"path":"/healthz","port":"http"},"periodSeconds":10}}`, name)
	}
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":%q,"labels":{"app":"web","tier":"frontend"},"annotations":{"example.com/hash":"9f86d081884c7d65"},
		"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"0b7a1f6e-3f0a-4d86-9a55-6f5e8e3a2b11","controller":true}]},
		"spec":{"containers":[%s,%s],"volumes":[{"name":"config","configMap":{"name":"web"}},{"name":"cache","emptyDir":{}}],
		"tolerations":[{"key":"dedicated","operator":"Equal","value":"web","effect":"NoSchedule"}]}}`, name, container("app"), container("proxy"))
}

func configMapText(name string, round int) string {
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":%q},"data":{"round":"%d","text":%q}}`, name, round, strings.Repeat("abcdefg ", 100))
}

// BenchmarkServer is what requests cost between network and database.
func BenchmarkServer(b *testing.B) {
	h := running(b)
	n := 0
	for range 1000 {
		send(b, h, "POST", pods, jsonType, podText(fmt.Sprintf("web-%d", n)))
		n++
	}
	send(b, h, "POST", "/api/v1/namespaces/default/configmaps", jsonType, configMapText("one", 0))
	for _, c := range []struct {
		name, method, path, contentType string
		body                            func(i int) string
	}{
		{"create pod", "POST", pods, jsonType, func(int) string { n++; return podText(fmt.Sprintf("web-%d", n)) }},
		{"create ConfigMap", "POST", "/api/v1/namespaces/default/configmaps", jsonType, func(int) string { n++; return configMapText(fmt.Sprintf("cm-%d", n), 0) }},
		{"get pod", "GET", pods + "/web-1", "", nil},
		{"merge patch", "PATCH", pods + "/web-1", mergeType, func(int) string { n++; return fmt.Sprintf(`{"metadata":{"annotations":{"round":"%d"}}}`, n) }},
		{"status patch", "PATCH", pods + "/web-1/status", strategicType, func(int) string {
			n++
			return fmt.Sprintf(`{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","message":"round %d"},{"type":"PodScheduled","status":"True"}]}}`, n)
		}},
		{"update", "PUT", "/api/v1/namespaces/default/configmaps/one", jsonType, func(int) string { n++; return configMapText("one", n) }},
		{"apply", "PATCH", "/api/v1/namespaces/default/configmaps/applied?fieldManager=b&force=true", applyType, func(int) string { n++; return configMapText("applied", n) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				body := ""
				if c.body != nil {
					body = c.body(n)
				}
				send(b, h, c.method, c.path, c.contentType, body)
			}
		})
	}
	for name, accept := range map[string]string{"JSON": jsonType, "Table": "application/json;as=Table;v=v1;g=meta.k8s.io",
		"metadata": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "protobuf": "application/vnd.kubernetes.protobuf"} {
		b.Run("list as "+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest("GET", pods+"?limit=1000", nil)
				r.Header.Set("Accept", accept)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}

// TestBenchmarked holds that what the benchmark sends is understood.
func TestBenchmarked(t *testing.T) {
	h := running(t)
	var pod struct{ Kind string }
	if err := json.Unmarshal(send(t, h, "POST", pods, jsonType, podText("web")), &pod); err != nil || pod.Kind != "Pod" {
		t.Errorf("%v, %v", pod, err)
	}
}
