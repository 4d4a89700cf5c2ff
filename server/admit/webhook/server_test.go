package webhook

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

// A server is a webhook over HTTPS that keeps what it was asked.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*admissionv1.AdmissionReview
	paths []string
}

// serve starts a server; respond answers a request, or handle does as it likes with the connection.
func serve(t *testing.T, respond func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse) *server {
	t.Helper()
	return serveRaw(t, func(w http.ResponseWriter, review *admissionv1.AdmissionReview) {
		answer := &admissionv1.AdmissionReview{TypeMeta: review.TypeMeta, Response: respond(review.Request)}
		if answer.Response != nil && answer.Response.UID == "" {
			answer.Response.UID = review.Request.UID
		}
		_ = json.NewEncoder(w).Encode(answer)
	})
}

func serveRaw(t *testing.T, handle func(http.ResponseWriter, *admissionv1.AdmissionReview)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		review := &admissionv1.AdmissionReview{}
		if err := json.Unmarshal(body, review); err != nil {
			t.Errorf("asked nonsense: %v", err)
		}
		s.mu.Lock()
		s.asked, s.paths = append(s.asked, review), append(s.paths, r.URL.String())
		s.mu.Unlock()
		if handle == nil { // never answers
			<-r.Context().Done()
			return
		}
		handle(w, review)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *server) ca() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

// port is where the server listens on 127.0.0.1.
func (s *server) port(t *testing.T) int32 {
	return int32(s.Listener.Addr().(*net.TCPAddr).Port)
}

// mutating makes a webhook for creations of config maps.
func mutating(name string, s *server, change ...func(*admissionregistrationv1.MutatingWebhook)) admissionregistrationv1.MutatingWebhook {
	w := admissionregistrationv1.MutatingWebhook{
		Name: name, ClientConfig: admissionregistrationv1.WebhookClientConfig{URL: ptr.To(s.URL + "/" + name), CABundle: s.ca()},
		Rules: []admissionregistrationv1.RuleWithOperations{{
			Operations: []admissionregistrationv1.OperationType{"CREATE", "DELETE", "CONNECT"},
			Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps", "pods/exec"}},
		}},
		SideEffects: ptr.To(admissionregistrationv1.SideEffectClassNone), AdmissionReviewVersions: []string{"v1"},
		TimeoutSeconds: ptr.To[int32](5),
	}
	for _, f := range change {
		f(&w)
	}
	return w
}

func validating(w admissionregistrationv1.MutatingWebhook) admissionregistrationv1.ValidatingWebhook {
	return admissionregistrationv1.ValidatingWebhook{
		Name: w.Name, ClientConfig: w.ClientConfig, Rules: w.Rules, FailurePolicy: w.FailurePolicy, MatchPolicy: w.MatchPolicy,
		NamespaceSelector: w.NamespaceSelector, ObjectSelector: w.ObjectSelector, SideEffects: w.SideEffects,
		TimeoutSeconds: w.TimeoutSeconds, AdmissionReviewVersions: w.AdmissionReviewVersions, MatchConditions: w.MatchConditions,
	}
}

func world(hooks ...admissionregistrationv1.MutatingWebhook) *admittest.World {
	m := &admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "m"}, Webhooks: hooks}
	v := &admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "v"}}
	for _, h := range hooks {
		v.Webhooks = append(v.Webhooks, validating(h))
	}
	return admittest.NewWorld(m, v, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ns", Labels: map[string]string{"env": "prod"}}})
}

type nobody struct{}

func (nobody) Allowed(context.Context, authenticationv1.UserInfo, authorizationv1.ResourceAttributes) (bool, string, error) {
	return false, "", nil
}

func (nobody) AllowedPath(context.Context, authenticationv1.UserInfo, string, string) (bool, string, error) {
	return false, "", nil
}

func config(w *admittest.World) Config {
	return Config{Reader: w, Authorizer: nobody{}, Served: func() []*kinds.Resource { return nil }}
}

func write() *admit.Attributes {
	return admittest.By(admittest.Write(admit.Create, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "c"}, Data: map[string]string{"a": "1"}}, nil), "alice", "dev")
}

func allow(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	return &admissionv1.AdmissionResponse{Allowed: true}
}

func patch(text string) func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	return func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		return &admissionv1.AdmissionResponse{Allowed: true, Patch: []byte(text), PatchType: ptr.To(admissionv1.PatchTypeJSONPatch)}
	}
}
