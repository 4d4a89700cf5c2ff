package metrics

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/request"
)

func newMetrics() *Metrics {
	return New(Config{
		Resource: func(group, version, plural, sub string) (bool, bool) {
			return plural == "pods" || plural == "endpoints", plural == "endpoints"
		},
		State: func() State {
			return State{Size: 5, Cluster: "etcd-0", Objects: []Objects{{Group: "apps", Plural: "deployments", Count: 3, Received: 9}}}
		},
		Features: []Feature{{Name: "A", Stage: "BETA", On: true}},
		Build:    map[string]string{"git_version": "v1.37.2"},
	})
}

func read(t testing.TB, serve func(http.ResponseWriter, *request.Request) error, method, accept string) (string, string) {
	t.Helper()
	w, hr := httptest.NewRecorder(), httptest.NewRequest(method, "/metrics", nil)
	hr.Header.Set("Accept", accept)
	if err := serve(w, &request.Request{HTTP: hr}); err != nil {
		t.Fatal(err)
	}
	return w.Body.String(), w.Header().Get("Content-Type")
}

func get(path, verb string) *request.Request {
	r := &request.Request{
		HTTP: httptest.NewRequest(http.MethodGet, path, nil), Path: path, Verb: verb, Started: time.Now(),
		IsResource: true, Version: "v1", Resource: "pods", Namespace: "default",
	}
	return r
}

func TestRequests(t *testing.T) {
	m := newMetrics()
	do := func(code int, change func(r *request.Request)) {
		r := get("/api/v1/namespaces/default/pods", "list")
		change(r)
		m.Begun(r)
		m.Done(r, code, 1500)
	}
	do(200, func(*request.Request) {})
	do(200, func(*request.Request) {})
	do(201, func(r *request.Request) { r.Verb, r.Query = "create", request.Query{"dryRun": {"All"}} })
	do(200, func(r *request.Request) {
		r.Verb, r.Name = "patch", "a"
		r.HTTP.Header.Set("Content-Type", "application/apply-patch+yaml")
	})
	do(0, func(r *request.Request) { r.Verb, r.Name, r.Subresource = "get", "a", "exec" })
	do(200, func(r *request.Request) { r.Resource, r.Name, r.Verb = "endpoints", "a", "get" })
	do(404, func(r *request.Request) { r.Resource = "nosuch" })
	do(200, func(r *request.Request) {
		r.IsResource, r.Resource, r.Version, r.Namespace, r.Path, r.Verb = false, "", "", "", "/healthz/etcd", "get"
	})
	do(404, func(r *request.Request) { r.IsResource, r.Path = false, "/x" })
	do(200, func(r *request.Request) {
		r.User = authenticationv1.UserInfo{Username: "system:serviceaccount:a:b", Extra: map[string]authenticationv1.ExtraValue{"authentication.kubernetes.io/credential-id": {"JTI=x"}}}
	})
	watch := get("/api/v1/pods", "watch")
	m.Begun(watch)
	watch.Watch.Listed()
	watch.Watch.Sent(2000)
	m.Admission("Priority", "CREATE", true)(0.01, false)
	m.Admission("", "CREATE", false)(0.01, true)

	text, contentType := read(t, m.Serve, "GET", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
	if contentType != "text/plain; version=0.0.4; charset=utf-8; escaping=underscores" {
		t.Errorf("type %s", contentType)
	}
	for _, want := range []string{
		`apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="pods",scope="namespace",subresource="",verb="LIST",version="v1"} 3`,
		`apiserver_request_total{code="201",component="apiserver",dry_run="All",group="",resource="pods",scope="resource",subresource="",verb="POST",version="v1"} 1`,
		`apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="pods",scope="resource",subresource="",verb="APPLY",version="v1"} 1`,
		`apiserver_request_total{code="101",component="apiserver",dry_run="",group="",resource="pods",scope="resource",subresource="exec",verb="CONNECT",version="v1"} 1`,
		`apiserver_request_total{code="200",component="",dry_run="",group="",resource="",scope="",subresource="/healthz",verb="GET",version=""} 1`,
		`apiserver_requested_deprecated_apis{group="",removed_release="",resource="endpoints",subresource="",version="v1"} 1`,
		`apiserver_longrunning_requests{component="apiserver",group="",resource="pods",scope="namespace",subresource="",verb="WATCH",version="v1"} 1`,
		`apiserver_response_sizes_bucket{component="apiserver",group="",resource="pods",scope="namespace",subresource="",verb="LIST",version="v1",le="10000"} 3`,
		`apiserver_current_inflight_requests{request_kind="mutating"} 0`,
		`apiserver_watch_events_total{group="",resource="pods",version="v1"} 1`,
		`apiserver_watch_events_sizes_bucket{group="",resource="pods",version="v1",le="2048"} 1`,
		`apiserver_watch_list_duration_seconds_count{group="",resource="pods",scope="namespace",version="v1"} 1`,
		`apiserver_admission_controller_admission_duration_seconds_count{name="Priority",operation="CREATE",rejected="false",type="admit"} 1`,
		`apiserver_admission_step_admission_duration_seconds_count{operation="CREATE",rejected="true",type="validate"} 1`,
		`apiserver_storage_objects{resource="deployments.apps"} 3`,
		`apiserver_storage_events_received_total{group="apps",resource="deployments"} 9`,
		`apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 5`,
		`kubernetes_feature_enabled{name="A",stage="BETA"} 1`,
		`serviceaccount_valid_tokens_total 1`,
		`hidden_metrics_total 0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("missing: %s", want)
		}
	}
	for _, not := range []string{"nosuch", `"/x"`, "etcd_server"} {
		if strings.Contains(text, not) {
			t.Errorf("there should be no %s", not)
		}
	}

	if text, _ := read(t, m.Serve, "DELETE", ""); text != "metrics reset\n" {
		t.Errorf("reset: %q", text)
	}
	do(200, func(*request.Request) {})
	text, _ = read(t, m.Serve, "GET", "")
	if !strings.Contains(text, `verb="LIST",version="v1"} 1`+"\n") || strings.Contains(text, `verb="APPLY"`) || !strings.Contains(text, "serviceaccount_valid_tokens_total 0\n") {
		t.Error("after a reset:", text)
	}
}

func TestSLIs(t *testing.T) {
	m := newMetrics()
	m.Checked("readyz", "etcd", nil)
	m.Checked("readyz", "etcd", errors.New("x"))
	text, _ := read(t, m.ServeSLIs, "GET", "")
	for _, want := range []string{
		`kubernetes_healthcheck{name="etcd",type="readyz"} 0`,
		`kubernetes_healthchecks_total{name="etcd",status="success",type="readyz"} 1`,
		`kubernetes_healthchecks_total{name="etcd",status="error",type="readyz"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("missing: %s in\n%s", want, text)
		}
	}
}

// BenchmarkRequest is what counting costs a request.
func BenchmarkRequest(b *testing.B) {
	m := newMetrics()
	r := get("/api/v1/namespaces/default/pods/a", "get")
	r.Name = "a"
	b.ReportAllocs()
	for b.Loop() {
		m.Begun(r)
		m.Done(r, 200, 1500)
	}
}

func BenchmarkWatchEvent(b *testing.B) {
	m := newMetrics()
	r := get("/api/v1/pods", "watch")
	m.Begun(r)
	b.ReportAllocs()
	for b.Loop() {
		r.Watch.Sent(3000)
	}
}
