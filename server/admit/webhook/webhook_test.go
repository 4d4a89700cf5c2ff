package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/server/admit"
)

type change = func(*admissionregistrationv1.MutatingWebhook)

func ignore(w *admissionregistrationv1.MutatingWebhook) {
	w.FailurePolicy = ptr.To(admissionregistrationv1.Ignore)
}

func TestQuestion(t *testing.T) {
	s := serve(t, allow)
	a := write()
	if err := NewMutating(config(world(mutating("w.example.com", s)))).Mutate(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	if s.times() != 1 || s.paths[0] != "/w.example.com?timeout=5s" {
		t.Fatalf("asked %d times at %v", s.times(), s.paths)
	}
	review := s.asked[0]
	r := review.Request
	if review.APIVersion != "admission.k8s.io/v1" || review.Kind != "AdmissionReview" || r.UID == "" || r.Name != "c" || r.Namespace != "ns" ||
		r.Operation != "CREATE" || r.UserInfo.Username != "alice" || r.Kind.Kind != "ConfigMap" || r.Resource.Resource != "configmaps" ||
		r.DryRun == nil || *r.DryRun || !strings.Contains(string(r.Object.Raw), `"apiVersion":"v1"`) || len(r.OldObject.Raw) != 0 ||
		string(r.Options.Raw) != `{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}` {
		text, _ := json.Marshal(review)
		t.Errorf("asked %s", text)
	}
}

func TestAnswers(t *testing.T) {
	respond := func(r admissionv1.AdmissionResponse) func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		return func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse { return r.DeepCopy() }
	}
	const failed = `Internal error occurred: failed calling webhook "w.example.com": `
	for _, test := range []struct {
		name    string
		respond func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse
		change  change
		err     string // beginning; of both plugins, unless it starts with "mutating:"
		code    int32
	}{
		{"allowed", allow, nil, "", 0},
		{"denied", respond(admissionv1.AdmissionResponse{}), nil, `admission webhook "w.example.com" denied the request without explanation`, 400},
		{"denied with a message", respond(admissionv1.AdmissionResponse{Result: &metav1.Status{Message: "no", Code: 403, Reason: "Forbidden"}}), nil, `admission webhook "w.example.com" denied the request: no`, 403},
		{"denied with a reason", respond(admissionv1.AdmissionResponse{Result: &metav1.Status{Reason: "Because"}}), nil, `admission webhook "w.example.com" denied the request: Because`, 400},
		{"denied, it says, with success", respond(admissionv1.AdmissionResponse{Result: &metav1.Status{Status: "Success", Code: 200}}), nil, `admission webhook "w.example.com" denied the request without explanation`, 400},
		{"denied under Ignore", respond(admissionv1.AdmissionResponse{}), ignore, `admission webhook "w.example.com" denied the request without explanation`, 400},
		{"another uid", respond(admissionv1.AdmissionResponse{Allowed: true, UID: "x"}), nil, failed + `received invalid webhook response: expected response.uid`, 500},
		{"no response", func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse { return nil }, nil, failed + "received invalid webhook response: webhook response was absent", 500},
		{"nonsense under Ignore", respond(admissionv1.AdmissionResponse{Allowed: true, UID: "x"}), ignore, "", 0},
		{"a patch without a type", respond(admissionv1.AdmissionResponse{Allowed: true, Patch: []byte("[]")}), nil, failed + "received invalid webhook response: ", 500},
		{"a type without a patch", respond(admissionv1.AdmissionResponse{Allowed: true, PatchType: ptr.To(admissionv1.PatchTypeJSONPatch)}), nil, failed + "received invalid webhook response: ", 500},
		{"a broken patch", patch("x"), nil, "mutating:Internal error occurred: invalid character", 500},
		{"a patch that does not fit", patch(`[{"op":"remove","path":"/data/none"}]`), nil, "mutating:Internal error occurred: ", 500},
		{"too many operations", patch("[" + strings.Repeat(`{"op":"test","path":"/kind","value":"ConfigMap"},`, maxOperations) + `{"op":"test","path":"/kind","value":"ConfigMap"}]`), nil, "mutating:Internal error occurred: admission webhook", 500},
		{"a patch to something else", patch(`[{"op":"replace","path":"/data","value":7}]`), nil, "mutating:Internal error occurred: ", 500},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, test.respond)
			var changes []change
			if test.change != nil {
				changes = append(changes, test.change)
			}
			w := world(mutating("w.example.com", s, changes...))
			err := NewMutating(config(w)).Mutate(context.Background(), write())
			checkError(t, "mutating", err, strings.TrimPrefix(test.err, "mutating:"), test.code)
			if !strings.HasPrefix(test.err, "mutating:") {
				err = NewValidating(config(w)).Review(context.Background(), write())
				checkError(t, "validating", err, test.err, test.code)
			}
		})
	}
}

func checkError(t *testing.T, what string, err error, want string, code int32) {
	t.Helper()
	if err == nil && want == "" {
		return
	}
	status, ok := err.(apierrors.APIStatus)
	if err == nil || want == "" || !strings.HasPrefix(err.Error(), want) || !ok || status.Status().Code != code {
		t.Errorf("%s: got %v, want %d %q", what, err, code, want)
	}
}

// TestBadServers: a webhook that is dead, slow, not JSON, in trouble, or that sends us elsewhere.
func TestBadServers(t *testing.T) {
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed a redirect") }))
	defer elsewhere.Close()
	dead := serve(t, allow)
	deadURL := dead.URL
	dead.Close()
	for _, test := range []struct {
		name   string
		handle func(http.ResponseWriter, *admissionv1.AdmissionReview)
		change change
		want   string
	}{
		{"dead", nil, func(w *admissionregistrationv1.MutatingWebhook) { w.ClientConfig.URL = ptr.To(deadURL + "/x") }, `failed to call webhook: Post "` + deadURL + `/x?timeout=5s": dial tcp `},
		{"slow", nil, func(w *admissionregistrationv1.MutatingWebhook) { w.TimeoutSeconds = ptr.To[int32](1) }, "context deadline exceeded"},
		{"not JSON", func(w http.ResponseWriter, _ *admissionv1.AdmissionReview) { fmt.Fprint(w, "<html>") }, nil, "failed to call webhook: couldn't get version/kind; json parse error: "},
		{"another kind", func(w http.ResponseWriter, r *admissionv1.AdmissionReview) {
			fmt.Fprintf(w, `{"apiVersion":"v1","kind":"Pod","response":{"uid":%q,"allowed":true}}`, r.Request.UID)
		}, nil, "received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /v1, Kind=Pod"},
		{"in trouble", func(w http.ResponseWriter, _ *admissionv1.AdmissionReview) { http.Error(w, "boom", 500) }, nil, `failed to call webhook: an error on the server ("boom") has prevented the request from succeeding`},
		{"not found", func(w http.ResponseWriter, _ *admissionv1.AdmissionReview) { w.WriteHeader(404) }, nil, "failed to call webhook: the server could not find the requested resource"},
		{"redirect", func(w http.ResponseWriter, _ *admissionv1.AdmissionReview) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(307)
		}, nil, "failed to call webhook: "},
		{"too long", func(w http.ResponseWriter, _ *admissionv1.AdmissionReview) {
			chunk := []byte(strings.Repeat(" ", 1<<20))
			for range maxAnswer>>20 + 1 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, nil, "failed to call webhook: the answer is larger than"},
		{"not trusted", func(http.ResponseWriter, *admissionv1.AdmissionReview) {}, func(w *admissionregistrationv1.MutatingWebhook) { w.ClientConfig.CABundle = nil }, "tls: failed to verify certificate: x509: certificate signed by unknown authority"},
		{"a bundle of nothing", nil, func(w *admissionregistrationv1.MutatingWebhook) { w.ClientConfig.CABundle = []byte("x") }, "could not get REST client: "},
		{"an unknown version", nil, func(w *admissionregistrationv1.MutatingWebhook) { w.AdmissionReviewVersions = []string{"v9"} }, "webhook does not accept known AdmissionReview versions"},
		{"no such service", nil, func(w *admissionregistrationv1.MutatingWebhook) {
			w.ClientConfig = admissionregistrationv1.WebhookClientConfig{Service: &admissionregistrationv1.ServiceReference{Namespace: "ns", Name: "hook", Path: ptr.To("/mutate")}}
		}, `failed to call webhook: Post "https://hook.ns.svc:443/mutate?timeout=5s": service "hook" not found`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serveRaw(t, test.handle)
			if test.change == nil {
				test.change = func(*admissionregistrationv1.MutatingWebhook) {}
			}
			w := world(mutating("w.example.com", s, test.change))
			for what, err := range map[string]error{
				"mutating":   NewMutating(config(w)).Mutate(context.Background(), write()),
				"validating": NewValidating(config(w)).Review(context.Background(), write()),
			} {
				if !apierrors.IsInternalError(err) || !strings.Contains(err.Error(), `failed calling webhook "w.example.com": `) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: got %v", what, err)
				}
			}
			w = world(mutating("w.example.com", s, test.change, ignore))
			a := write()
			if err := NewMutating(config(w)).Mutate(context.Background(), a); err != nil {
				t.Errorf("mutating, under Ignore: %v", err)
			}
			if got := a.Request.Annotations["failed-open.mutation.webhook.admission.k8s.io/round_0_index_0"]; got != "w.example.com" {
				t.Errorf("audit annotations %v", a.Request.Annotations)
			}
			if err := NewValidating(config(w)).Review(context.Background(), write()); err != nil {
				t.Errorf("validating, under Ignore: %v", err)
			}
		})
	}
}

func TestSlowRequestEnds(t *testing.T) {
	s := serveRaw(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := NewMutating(config(world(mutating("w.example.com", s, ignore)))).Mutate(ctx, write())
	if !apierrors.IsTimeout(err) {
		t.Errorf("got %v", err)
	}
}

func TestServiceIsDialled(t *testing.T) {
	s := serve(t, allow)
	hook := mutating("w.example.com", s, func(w *admissionregistrationv1.MutatingWebhook) {
		w.ClientConfig = admissionregistrationv1.WebhookClientConfig{CABundle: s.ca(),
			Service: &admissionregistrationv1.ServiceReference{Namespace: "ns", Name: "hook", Port: ptr.To(s.port(t))}}
	})
	w := world(hook)
	w.Put(&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "hook"}, Spec: corev1.ServiceSpec{ClusterIP: "127.0.0.1", Ports: []corev1.ServicePort{{Port: s.port(t)}}}})
	err := NewMutating(config(w)).Mutate(context.Background(), write())
	// The test server's certificate is for example.com: that the name is checked shows it was reached and is not trusted by address.
	if err == nil || !strings.Contains(err.Error(), "x509: certificate is valid for example.com, *.example.com, not hook.ns.svc") {
		t.Errorf("got %v", err)
	}
}

func TestPatchesAdd(t *testing.T) {
	first := serve(t, patch(`[{"op":"add","path":"/data/b","value":"2"}]`))
	second := serve(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		if !strings.Contains(string(r.Object.Raw), `"b":"2"`) {
			t.Errorf("the second sees %s", r.Object.Raw)
		}
		return patch(`[{"op":"add","path":"/metadata/labels","value":{"x":"y"}}]`)(r)
	})
	a := write()
	if err := NewMutating(config(world(mutating("a.example.com", first), mutating("b.example.com", second)))).Mutate(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	got := a.Object.(*corev1.ConfigMap)
	if got.Data["a"] != "1" || got.Data["b"] != "2" || got.Labels["x"] != "y" {
		t.Errorf("got %v", got)
	}
	if note := a.Request.Annotations["mutation.webhook.admission.k8s.io/round_0_index_1"]; note != `{"configuration":"m","webhook":"b.example.com","mutated":true}` {
		t.Errorf("audit annotation %s", note)
	}
}

// chain runs the mutating plugin among others that change the object too.
type labeller struct{}

func (labeller) Name() string                 { return "Priority" }
func (labeller) Handles(admit.Operation) bool { return true }
func (labeller) Mutate(_ context.Context, a *admit.Attributes) error {
	if c := a.Object.(*corev1.ConfigMap); c.Data["b"] != "" {
		c.Data["seen"] = c.Data["b"]
	}
	return nil
}

func TestReinvocation(t *testing.T) {
	ifNeeded := func(w *admissionregistrationv1.MutatingWebhook) {
		w.ReinvocationPolicy = ptr.To(admissionregistrationv1.IfNeededReinvocationPolicy)
	}
	changing := patch(`[{"op":"add","path":"/data/b","value":"2"}]`)
	for _, test := range []struct {
		name          string
		first, second func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse
		change        []change // of the first
		want          [2]int   // how often each is asked
	}{
		{"nobody changes anything", allow, allow, []change{ifNeeded}, [2]int{1, 1}},
		{"a later one changes", allow, changing, []change{ifNeeded}, [2]int{2, 1}},
		{"a later one changes, never again", allow, changing, nil, [2]int{1, 1}},
		{"it changes itself, and so does a plugin after", changing, allow, []change{ifNeeded}, [2]int{2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			first, second := serve(t, test.first), serve(t, test.second)
			plugin := NewMutating(config(world(mutating("a.example.com", first, test.change...), mutating("b.example.com", second))))
			chain, err := admit.NewChain(labeller{}, plugin)
			if err != nil {
				t.Fatal(err)
			}
			if err := chain.Mutate(context.Background(), write()); err != nil {
				t.Fatal(err)
			}
			if got := [2]int{first.times(), second.times()}; got != test.want {
				t.Errorf("asked %v times, want %v", got, test.want)
			}
		})
	}
}

func TestWhoIsAsked(t *testing.T) {
	matchLabels := func(key string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{key: "prod"}}
	}
	for _, test := range []struct {
		name   string
		change change
		asked  bool
		err    string
	}{
		{"yes", func(*admissionregistrationv1.MutatingWebhook) {}, true, ""},
		{"namespace selected", func(w *admissionregistrationv1.MutatingWebhook) { w.NamespaceSelector = matchLabels("env") }, true, ""},
		{"namespace not selected", func(w *admissionregistrationv1.MutatingWebhook) { w.NamespaceSelector = matchLabels("other") }, false, ""},
		{"object not selected", func(w *admissionregistrationv1.MutatingWebhook) { w.ObjectSelector = matchLabels("env") }, false, ""},
		{"condition", func(w *admissionregistrationv1.MutatingWebhook) {
			w.MatchConditions = []admissionregistrationv1.MatchCondition{{Name: "c", Expression: "object.data.a == '1'"}}
		}, true, ""},
		{"condition not met", func(w *admissionregistrationv1.MutatingWebhook) {
			w.MatchConditions = []admissionregistrationv1.MatchCondition{{Name: "c", Expression: "request.name != 'c'"}}
		}, false, ""},
		{"condition in error", func(w *admissionregistrationv1.MutatingWebhook) {
			w.MatchConditions = []admissionregistrationv1.MatchCondition{{Name: "c", Expression: "object.data.none == 'x'"}}
		}, false, `configmaps "c" is forbidden: expression 'object.data.none == 'x'' resulted in error: no such key: none`},
		{"condition in error, ignored", func(w *admissionregistrationv1.MutatingWebhook) {
			ignore(w)
			w.MatchConditions = []admissionregistrationv1.MatchCondition{{Name: "c", Expression: "object.data.none == 'x'"}}
		}, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, allow)
			w := world(mutating("w.example.com", s, test.change))
			for range 2 {
				if err := NewMutating(config(w)).Mutate(context.Background(), write()); fmt.Sprint(err) != test.err && (err != nil || test.err != "") {
					t.Errorf("got %v", err)
				}
			}
			if (s.times() > 0) != test.asked {
				t.Errorf("asked %d times", s.times())
			}
		})
	}
	// Webhooks are not asked about webhooks.
	s := serve(t, allow)
	w := world(mutating("w.example.com", s, func(w *admissionregistrationv1.MutatingWebhook) {
		w.Rules = []admissionregistrationv1.RuleWithOperations{{Operations: []admissionregistrationv1.OperationType{"*"}, Rule: admissionregistrationv1.Rule{APIGroups: []string{"*"}, APIVersions: []string{"*"}, Resources: []string{"*/*"}}}}
	}))
	a := write()
	a.Resource = ptr.To(*a.Resource)
	a.Resource.Group, a.Resource.Plural = "admissionregistration.k8s.io", "mutatingwebhookconfigurations"
	if err := NewMutating(config(w)).Mutate(context.Background(), a); err != nil || s.times() != 0 {
		t.Errorf("asked about a webhook: %v", err)
	}
}

func TestDryRun(t *testing.T) {
	for class, ok := range map[admissionregistrationv1.SideEffectClass]bool{"None": true, "NoneOnDryRun": true, "Some": false, "Unknown": false} {
		s := serve(t, allow)
		a := write()
		a.DryRun = true
		w := world(mutating("w.example.com", s, func(w *admissionregistrationv1.MutatingWebhook) { w.SideEffects = ptr.To(class) }))
		err := NewMutating(config(w)).Mutate(context.Background(), a)
		if ok && err != nil || !ok && (!apierrors.IsBadRequest(err) || err.Error() != `admission webhook "w.example.com" does not support dry run`) {
			t.Errorf("%s: %v", class, err)
		}
		if ok && !*s.asked[0].Request.DryRun {
			t.Errorf("%s: not told that it is a dry run", class)
		}
	}
}

func TestOldReviews(t *testing.T) {
	s := serveRaw(t, func(w http.ResponseWriter, r *admissionv1.AdmissionReview) {
		if r.APIVersion != "admission.k8s.io/v1beta1" {
			t.Errorf("asked in %s", r.APIVersion)
		}
		fmt.Fprint(w, `{"response":{"allowed":true,"patch":"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2RhdGEvYiIsInZhbHVlIjoiMiJ9XQ=="}}`)
	})
	a := write()
	w := world(mutating("w.example.com", s, func(w *admissionregistrationv1.MutatingWebhook) {
		w.AdmissionReviewVersions = []string{"v9", "v1beta1"}
	}))
	if err := NewMutating(config(w)).Mutate(context.Background(), a); err != nil || a.Object.(*corev1.ConfigMap).Data["b"] != "2" {
		t.Errorf("got %v, %v", a.Object, err)
	}
	if err := NewValidating(config(w)).Review(context.Background(), write()); err != nil {
		t.Error(err)
	}
}

func TestConfigurationsAreFollowed(t *testing.T) {
	s := serve(t, allow)
	w := world(mutating("w.example.com", s))
	plugin := NewMutating(config(w))
	ask := func() int {
		if err := plugin.Mutate(context.Background(), write()); err != nil {
			t.Fatal(err)
		}
		return s.times()
	}
	if ask(); ask() != 2 || w.Reads > 3 {
		t.Errorf("asked %d times with %d reads", s.times(), w.Reads)
	}
	w.Remove(&admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "m"}})
	if ask() != 2 {
		t.Error("a removed webhook is still asked")
	}
}

func TestDeleteCannotBePatched(t *testing.T) {
	s := serve(t, patch(`[{"op":"add","path":"/data/b","value":"2"}]`))
	a := write()
	a.Operation, a.OldObject, a.Object = admit.Delete, a.Object, nil
	err := NewMutating(config(world(mutating("w.example.com", s)))).Mutate(context.Background(), a)
	if !apierrors.IsInternalError(err) || !strings.Contains(err.Error(), "attempted to modify the object, which is not supported for this operation") {
		t.Errorf("got %v", err)
	}
	if r := s.asked[0].Request; len(r.Object.Raw) != 0 || len(r.OldObject.Raw) == 0 {
		t.Errorf("asked about %s, %s", r.Object.Raw, r.OldObject.Raw)
	}
}

func TestWarningsAndAnnotations(t *testing.T) {
	s := serve(t, func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		return &admissionv1.AdmissionResponse{Allowed: true, Warnings: []string{"careful"}, AuditAnnotations: map[string]string{"k": "v"}}
	})
	a := write()
	if err := NewValidating(config(world(mutating("w.example.com", s)))).Review(context.Background(), a); err != nil {
		t.Fatal(err)
	}
	if w := a.Request.Warnings(); len(w) != 1 || w[0] != "careful" || a.Request.Annotations["w.example.com/k"] != "v" {
		t.Errorf("warnings %v, annotations %v", w, a.Request.Annotations)
	}
}
