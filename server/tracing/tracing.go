// Package tracing sends what the records of requests tell as OpenTelemetry spans: one for the request, and one
// for each stage it passed. Nothing is measured for it: the spans are made of the timeline when the request
// has been answered, and only if the trace is sampled. A client that sends a W3C traceparent finds them in its
// own trace. Callers: cmd/nave, which makes a Tracer if one is configured, and server.
package tracing

import (
	"context"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/server/request"
)

// Config says where spans go to.
type Config struct {
	// Endpoint is host:port of an OTLP collector (gRPC); "" is what the environment says
	// (OTEL_EXPORTER_OTLP_ENDPOINT), or localhost:4317.
	Endpoint string
	// PerMillion is how many of a million traces are sampled that no client asks for.
	PerMillion int32
}

// Read reads a TracingConfiguration, the file of --tracing-config-file.
func Read(file string) (Config, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Config{}, err
	}
	var c struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Endpoint   string `json:"endpoint"`
		PerMillion int32  `json:"samplingRatePerMillion"`
	}
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		return Config{}, fmt.Errorf("%s: %w", file, err)
	}
	switch c.APIVersion {
	case "apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1", "apiserver.config.k8s.io/v1alpha1":
	default:
		return Config{}, fmt.Errorf("%s: apiVersion %q is not apiserver.config.k8s.io/v1", file, c.APIVersion)
	}
	if c.Kind != "TracingConfiguration" {
		return Config{}, fmt.Errorf("%s: kind %q is not TracingConfiguration", file, c.Kind)
	}
	if c.PerMillion < 0 || c.PerMillion > 1_000_000 {
		return Config{}, fmt.Errorf("%s: samplingRatePerMillion must be between 0 and 1000000", file)
	}
	return Config{Endpoint: c.Endpoint, PerMillion: c.PerMillion}, nil
}

// FromEnvironment returns a configuration if OTEL_EXPORTER_OTLP_ENDPOINT is set: all is sampled then.
func FromEnvironment() (Config, bool) {
	return Config{PerMillion: 1_000_000}, os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != ""
}

// A Tracer makes spans of records. Its methods may be called by many goroutines at once.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// New returns a tracer. It connects when there is something to send; a collector that is away loses spans and
// nothing else.
func New(ctx context.Context, c Config, version string) (*Tracer, error) {
	options := []otlptracegrpc.Option{}
	if c.Endpoint != "" {
		options = append(options, otlptracegrpc.WithEndpoint(c.Endpoint), otlptracegrpc.WithInsecure())
	}
	exporter, err := otlptracegrpc.New(ctx, options...)
	if err != nil {
		return nil, err
	}
	return newTracer(sdktrace.WithBatcher(exporter), c.PerMillion, version), nil
}

func newTracer(to sdktrace.TracerProviderOption, perMillion int32, version string) *Tracer {
	provider := sdktrace.NewTracerProvider(to,
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(float64(perMillion)/1e6))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "apiserver"), attribute.String("service.version", version))),
	)
	return &Tracer{provider, provider.Tracer("github.com/nave-k8s/nave/server")}
}

// Done makes the spans of a request that has been answered.
func (t *Tracer) Done(r *request.Request, code int) {
	ctx := propagation.TraceContext{}.Extract(r.HTTP.Context(), propagation.HeaderCarrier(r.HTTP.Header))
	ctx, span := t.tracer.Start(ctx, name(r), trace.WithTimestamp(r.Started), trace.WithSpanKind(trace.SpanKindServer))
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(
		attribute.String("http.request.method", r.HTTP.Method), attribute.String("url.path", r.HTTP.URL.Path),
		attribute.Int("http.response.status_code", code), attribute.String("audit-id", r.ID), attribute.String("user", r.User.Username),
	)
	if code >= 500 {
		span.SetStatus(codes.Error, "")
	}
	end := r.Started
	for _, s := range t.stages(ctx, r.Timeline.Passages()) {
		if s.end.After(end) {
			end = s.end
		}
	}
	if now := time.Now(); now.After(end) {
		end = now
	}
	span.End(trace.WithTimestamp(end))
}

// name is the verb and what it is about, without names of objects: they would have no end.
func name(r *request.Request) string {
	if !r.IsResource {
		return r.HTTP.Method
	}
	what := r.Resource
	if r.Subresource != "" {
		what += "/" + r.Subresource
	}
	return r.Verb + " " + what
}

// stage is a span under way: those that begin before it ends are within it.
type stage struct {
	ctx context.Context
	end time.Time
}

// stages makes the spans of stages, and of stages within them.
func (t *Tracer) stages(ctx context.Context, passages []request.Passage) (all []stage) {
	open := []stage{}
	for _, p := range passages {
		for len(open) > 0 && !p.Start.Before(open[len(open)-1].end) {
			open = open[:len(open)-1]
		}
		parent := ctx
		if len(open) > 0 {
			parent = open[len(open)-1].ctx
		}
		inner, span := t.tracer.Start(parent, p.Stage, trace.WithTimestamp(p.Start))
		if p.Decision != "" {
			span.SetAttributes(attribute.String("decision", p.Decision))
		}
		if p.Reason != "" {
			span.SetAttributes(attribute.String("reason", p.Reason))
		}
		s := stage{inner, p.Start.Add(p.Duration)}
		span.End(trace.WithTimestamp(s.end))
		open, all = append(open, s), append(all, s)
	}
	return all
}

// Close sends what has not been sent yet.
func (t *Tracer) Close(ctx context.Context) error { return t.provider.Shutdown(ctx) }
