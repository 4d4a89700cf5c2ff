package tracing

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/nave-k8s/nave/server/request"
)

func TestSpans(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	tracer := newTracer(sdktrace.WithSyncer(spans), 0, "v1")
	ask := func(parent string) *request.Request {
		hr := httptest.NewRequest("POST", "/api/v1/namespaces/a/pods", nil)
		hr.Header.Set("traceparent", parent)
		r := &request.Request{HTTP: hr, Started: time.Now(), IsResource: true, Verb: "create", Resource: "pods"}
		leave := r.Timeline.Enter("resource")
		inner := r.Timeline.Enter("store")
		time.Sleep(time.Millisecond)
		inner("", "")
		leave("answer", "")
		time.Sleep(time.Millisecond)
		r.Timeline.Enter("after")("", "")
		return r
	}
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	tracer.Done(ask("00-"+trace+"-00f067aa0ba902b7-00"), 201)
	if n := len(spans.GetSpans()); n != 0 {
		t.Fatalf("nobody sampled it, and there are %d spans", n)
	}
	tracer.Done(ask("00-"+trace+"-00f067aa0ba902b7-01"), 201)
	got := map[string]tracetest.SpanStub{}
	for _, s := range spans.GetSpans() {
		got[s.Name] = s
		if s.SpanContext.TraceID().String() != trace {
			t.Errorf("%s is in trace %s", s.Name, s.SpanContext.TraceID())
		}
	}
	for child, parent := range map[string]string{"store": "resource", "resource": "create pods", "after": "create pods"} {
		if got[child].Parent.SpanID() != got[parent].SpanContext.SpanID() || !got[parent].SpanContext.IsValid() {
			t.Errorf("%s is not within %s", child, parent)
		}
	}
	if root := got["create pods"]; root.Parent.SpanID().String() != "00f067aa0ba902b7" || root.EndTime.Before(got["after"].EndTime) {
		t.Errorf("root %+v", root)
	}
}

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tracing.yaml")
	for _, c := range []struct{ text, err string }{
		{"apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\nendpoint: a:4317\nsamplingRatePerMillion: 100\n", ""},
		{"apiVersion: v1\nkind: TracingConfiguration\n", `apiVersion "v1"`},
		{"apiVersion: apiserver.config.k8s.io/v1\nkind: Other\n", `kind "Other"`},
		{"apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\nsamplingRatePerMillion: 2000000\n", "between 0 and"},
		{"apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\nnosuch: 1\n", "nosuch"},
	} {
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Read(file)
		switch {
		case c.err == "" && (err != nil || got.Endpoint != "a:4317" || got.PerMillion != 100):
			t.Errorf("%+v, %v", got, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v", c.text, err)
		}
	}
}
