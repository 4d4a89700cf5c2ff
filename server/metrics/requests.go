package metrics

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/nave-k8s/nave/server/request"
)

// requests are counted by what they ask for and how they end.
type requests struct {
	total       *prometheus.CounterVec
	duration    *prometheus.HistogramVec
	sizes       *prometheus.HistogramVec
	longRunning *prometheus.GaugeVec
	deprecated  *prometheus.GaugeVec

	// known is what has been resolved. It is copied to be changed: it has grown to its size soon.
	known atomic.Pointer[map[requestKey]*requestSeries]
	mu    sync.Mutex
}

// requestKey is the labels, as far as the record has them ready.
type requestKey struct {
	verb, group, version, resource, subresource string
	named, namespaced                           bool // of the request: they make the scope
	dryRun                                      string
	code                                        int
}

// requestSeries is what requests of one key count with; nil where nothing is counted.
type requestSeries struct {
	total       prometheus.Counter
	duration    prometheus.Observer
	sizes       prometheus.Observer // nil for requests that run long
	longRunning prometheus.Gauge
}

var (
	durationBuckets = []float64{0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60}
	sizeBuckets     = prometheus.ExponentialBuckets(1000, 10, 7)
)

func (q *requests) init(m *Metrics) {
	what := []string{"component", "group", "resource", "scope", "subresource", "verb", "version"}
	dry := append([]string{"dry_run"}, what...)
	q.total = m.counter("apiserver_request_total", "Requests that have been answered.", append([]string{"code"}, dry...)...)
	q.duration = m.histogram("apiserver_request_duration_seconds", "How long requests took.", durationBuckets, dry...)
	q.sizes = m.histogram("apiserver_response_sizes", "Bytes of the answers.", sizeBuckets, what...)
	q.longRunning = m.gauge("apiserver_longrunning_requests", "Watches and streams that are open.", what...)
	q.deprecated = m.gauge("apiserver_requested_deprecated_apis", "Deprecated APIs that somebody has used.", "group", "removed_release", "resource", "subresource", "version")
	q.forget()
	m.resets = append(m.resets, q.deprecated.Reset, q.forget)
	flight := func(kind string, n *atomic.Int64) {
		m.all.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "apiserver_current_inflight_requests", Help: "Requests that are being served, without those that run long.",
			ConstLabels: prometheus.Labels{"request_kind": kind},
		}, func() float64 { return float64(n.Load()) }))
	}
	flight("readOnly", &m.readOnly)
	flight("mutating", &m.mutating)
}

func (q *requests) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known.Store(&map[requestKey]*requestSeries{})
}

// Begun hears of a request whose URL has been read.
func (m *Metrics) Begun(r *request.Request) {
	if !r.LongRunning() {
		m.inFlight(r).Add(1)
		return
	}
	if s := m.series(r, 0); s != nil {
		s.longRunning.Inc()
	}
	if r.Verb == "watch" {
		r.Watch = m.watches.of(m, r)
	}
}

// Done hears of a request that has been answered.
func (m *Metrics) Done(r *request.Request, code int, size int64) {
	long := r.LongRunning()
	if !long {
		m.inFlight(r).Add(-1)
	} else if s := m.series(r, 0); s != nil {
		s.longRunning.Dec()
	}
	if strings.HasPrefix(r.User.Username, "system:serviceaccount:") {
		m.tokens.used(r)
	}
	if code == 0 { // the connection was taken over, or the client is gone
		if !long {
			return
		}
		code = http.StatusSwitchingProtocols
	}
	s := m.series(r, code)
	if s == nil {
		return
	}
	s.total.Inc()
	s.duration.Observe(time.Since(r.Started).Seconds())
	if !long {
		s.sizes.Observe(float64(size))
	}
}

func (m *Metrics) inFlight(r *request.Request) *atomic.Int64 {
	if r.ReadOnly() {
		return &m.readOnly
	}
	return &m.mutating
}

// series finds what a request counts with. A code of 0 is that of one that is not answered yet.
func (m *Metrics) series(r *request.Request, code int) *requestSeries {
	key := requestKey{
		verb: r.Verb, group: r.Group, version: r.Version, resource: r.Resource, subresource: r.Subresource,
		named: r.Name != "" || r.Verb == "create", namespaced: r.Namespace != "", code: code,
	}
	if !r.IsResource {
		key.subresource = knownPath(r.Path)
	}
	if r.Verb == "patch" && strings.HasPrefix(r.HTTP.Header.Get("Content-Type"), "application/apply-patch") {
		key.verb = "apply"
	}
	if len(r.Query) > 0 {
		key.dryRun = dryRun(r.Query["dryRun"])
	}
	if s, ok := (*m.requests.known.Load())[key]; ok {
		return s
	}
	return m.requests.resolve(m, key, r.IsResource)
}

func (q *requests) resolve(m *Metrics, key requestKey, isResource bool) *requestSeries {
	var deprecated bool
	if isResource {
		var served bool
		if served, deprecated = m.Resource(key.group, key.version, key.resource, key.subresource); !served {
			return nil
		}
	} else if key.subresource == "" {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	before := *q.known.Load()
	if s, ok := before[key]; ok {
		return s
	}
	component := "apiserver"
	if !isResource {
		component = ""
	}
	what := []string{component, key.group, key.resource, key.scope(isResource), key.subresource, cleanVerb(key, isResource), key.version}
	s := &requestSeries{}
	if key.code == 0 {
		s.longRunning = q.longRunning.WithLabelValues(what...)
	} else {
		dry := append([]string{key.dryRun}, what...)
		s.total = q.total.WithLabelValues(append([]string{strconv.Itoa(key.code)}, dry...)...)
		s.duration, s.sizes = q.duration.WithLabelValues(dry...), q.sizes.WithLabelValues(what...)
	}
	if deprecated {
		q.deprecated.WithLabelValues(key.group, "", key.resource, key.subresource, key.version).Set(1)
	}
	after := make(map[requestKey]*requestSeries, len(before)+1)
	for k, v := range before {
		after[k] = v
	}
	after[key] = s
	q.known.Store(&after)
	return s
}

func (k requestKey) scope(isResource bool) string {
	switch {
	case k.named:
		return "resource"
	case k.namespaced:
		return "namespace"
	case isResource:
		return "cluster"
	}
	return ""
}

// cleanVerb is the verb as metrics have it: that of HTTP where there is one.
func cleanVerb(k requestKey, isResource bool) string {
	if isResource {
		switch k.subresource {
		case "exec", "attach", "portforward", "proxy":
			return "CONNECT"
		}
	}
	switch k.verb {
	case "create":
		return http.MethodPost
	case "update":
		return http.MethodPut
	case "get", "list", "watch", "patch", "apply", "delete", "deletecollection", "post", "put":
		return strings.ToUpper(k.verb)
	}
	return "other"
}

// paths are those that are no resource's and are counted one by one, with what is below them.
var paths = []string{
	"/healthz", "/livez", "/readyz", "/metrics", "/version", "/openapi/v2", "/openapi/v3", "/apis", "/api",
	"/statusz", "/flagz", "/.well-known/openid-configuration", "/openid/v1/jwks", "/debug/pprof",
}

func knownPath(path string) string {
	for _, p := range paths {
		if rest, ok := strings.CutPrefix(path, p); ok && (rest == "" || rest[0] == '/') {
			return p
		}
	}
	return ""
}

func dryRun(values []string) string {
	if len(values) == 0 {
		return ""
	}
	if slices.ContainsFunc(values, func(v string) bool { return v != "All" }) {
		return "invalid"
	}
	return "All"
}
