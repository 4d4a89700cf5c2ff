package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/nave-k8s/nave/server/request"
)

// watches are counted by what they send.
type watches struct {
	events *prometheus.CounterVec
	sizes  *prometheus.HistogramVec
	lists  *prometheus.HistogramVec
	known  sync.Map // watchKey -> *watchSeries
}

type watchKey struct{ group, version, resource, scope string }

type watchSeries struct {
	events prometheus.Counter
	sizes  prometheus.Observer
	lists  prometheus.ObserverVec
	key    watchKey
}

func (q *watches) init(m *Metrics) {
	q.events = m.counter("apiserver_watch_events_total", "Events that watches have sent.", "group", "resource", "version")
	q.sizes = m.histogram("apiserver_watch_events_sizes", "Bytes of the events that watches have sent.", prometheus.ExponentialBuckets(1024, 2, 8), "group", "resource", "version")
	q.lists = m.histogram("apiserver_watch_list_duration_seconds", "How long it took until a watch had sent the objects there were.",
		[]float64{0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300}, "group", "resource", "scope", "version")
	m.resets = append(m.resets, q.known.Clear)
}

// of returns what a watch counts with.
func (q *watches) of(m *Metrics, r *request.Request) request.WatchObserver {
	key := watchKey{r.Group, r.Version, r.Resource, requestKey{named: r.Name != "", namespaced: r.Namespace != ""}.scope(true)}
	if v, ok := q.known.Load(key); ok {
		return &watch{v.(*watchSeries), r.Started}
	}
	if served, _ := m.Resource(r.Group, r.Version, r.Resource, ""); !served {
		return nil
	}
	s := &watchSeries{
		events: q.events.WithLabelValues(r.Group, r.Resource, r.Version),
		sizes:  q.sizes.WithLabelValues(r.Group, r.Resource, r.Version), lists: q.lists, key: key,
	}
	q.known.Store(key, s)
	return &watch{s, r.Started}
}

// watch is one watch under way.
type watch struct {
	*watchSeries
	started time.Time
}

// Sent hears of an event of so many bytes.
func (w *watch) Sent(bytes int) {
	w.events.Inc()
	w.sizes.Observe(float64(bytes))
}

// Listed hears that all objects there were have been sent.
func (w *watch) Listed() {
	k := w.key
	w.lists.WithLabelValues(k.group, k.resource, k.scope, k.version).Observe(time.Since(w.started).Seconds())
}
