// Package metrics counts what a server does, under the STABLE and BETA names that kube-apiserver has for it,
// and serves /metrics and /metrics/slis. Only what Nave has a part for is counted; the Go runtime and the
// process come along. The registry is its own: what libraries register elsewhere is not shown.
//
// Counting is on the way of every request, so what a label set counts with is resolved once and kept.
// Callers: server, which gives Begun and Done to stage 0 and the observers to the stages that have them.
package metrics

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/nave-k8s/nave/server/request"
)

// Config is what metrics are told about.
type Config struct {
	// Resource tells whether a resource is served, and whether it is deprecated. What is not served is not
	// counted: there is no end to its names.
	Resource func(group, version, plural, subresource string) (served, deprecated bool)
	// State is asked when metrics are read; nil for nothing.
	State func() State
	// Build are the labels of kubernetes_build_info.
	Build map[string]string
	// Features are the features by name, for kubernetes_feature_enabled.
	Features []Feature
}

// A Feature is on or off.
type Feature struct {
	Name, Stage string
	On          bool
}

// Metrics is everything that is counted. Its methods may be called by many goroutines at once.
type Metrics struct {
	Config
	all, slis *prometheus.Registry
	handler   [2]http.Handler

	requests requests
	watches  watches
	admitted admitted
	tokens   tokens
	checks   checks
	flow     flow

	names  []string // of the metrics here
	resets []func() // what DELETE /metrics starts anew

	readOnly, mutating atomic.Int64 // in flight
}

// New returns metrics that count from nothing.
func New(c Config) *Metrics {
	m := &Metrics{Config: c, all: prometheus.NewRegistry(), slis: prometheus.NewRegistry()}
	m.all.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.requests.init(m)
	m.watches.init(m)
	m.admitted.init(m)
	m.tokens.init(m)
	m.checks.init(m)
	m.flow.init(m)
	m.info()
	if c.State != nil {
		m.all.MustRegister(newStateCollector(c.State))
	}
	for i, r := range []*prometheus.Registry{m.all, m.slis} {
		m.handler[i] = promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	}
	return m
}

// Serve answers /metrics. DELETE starts the counts anew.
func (m *Metrics) Serve(w http.ResponseWriter, r *request.Request) error {
	if r.HTTP.Method == http.MethodDelete {
		for _, reset := range m.resets {
			reset()
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, err := w.Write([]byte("metrics reset\n"))
		return err
	}
	m.handler[0].ServeHTTP(w, r.HTTP)
	return nil
}

// ServeSLIs answers /metrics/slis: how the health checks came out.
func (m *Metrics) ServeSLIs(w http.ResponseWriter, r *request.Request) error {
	m.handler[1].ServeHTTP(w, r.HTTP)
	return nil
}

// counter makes a counter that is reset with the others.
func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	m.names = append(m.names, name)
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.all.MustRegister(v)
	m.resets = append(m.resets, v.Reset)
	return v
}

func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	m.names = append(m.names, name)
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.all.MustRegister(v)
	m.resets = append(m.resets, v.Reset)
	return v
}

func (m *Metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	m.names = append(m.names, name)
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.all.MustRegister(v)
	return v
}

// A kept is something resolved of a vector, and resolved again when the vector is reset.
type kept[T any] struct {
	value   atomic.Pointer[T]
	resolve func() T
}

func keep[T any](m *Metrics, resolve func() T) *kept[T] {
	k := &kept[T]{resolve: resolve}
	k.again()
	m.resets = append(m.resets, k.again)
	return k
}

func (k *kept[T]) again() {
	v := k.resolve()
	k.value.Store(&v)
}

func (k *kept[T]) get() T { return *k.value.Load() }
