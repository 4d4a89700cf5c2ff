package metrics

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// flow counts what priority and fairness does, by flow schema and level.
type flow struct {
	mu    sync.Mutex
	known map[[2]string]*FlowCounts

	dispatched, rejected             *prometheus.CounterVec
	waited                           *prometheus.HistogramVec
	executing, seats, queued, levels *prometheus.GaugeVec
}

func (f *flow) init(m *Metrics) {
	f.known = map[[2]string]*FlowCounts{}
	both := []string{"flow_schema", "priority_level"}
	f.dispatched = m.counter("apiserver_flowcontrol_dispatched_requests_total", "Requests that were served, by flow schema.", both...)
	f.rejected = m.counter("apiserver_flowcontrol_rejected_requests_total", "Requests for which there was no room.", "flow_schema", "priority_level", "reason")
	f.waited = m.histogram("apiserver_flowcontrol_request_wait_duration_seconds", "How long requests waited for a seat.",
		[]float64{0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30}, "execute", "flow_schema", "priority_level")
	f.executing = m.gauge("apiserver_flowcontrol_current_executing_requests", "Requests that have a seat.", both...)
	f.seats = m.gauge("apiserver_flowcontrol_current_executing_seats", "Seats that are taken.", both...)
	f.queued = m.gauge("apiserver_flowcontrol_current_inqueue_requests", "Requests that wait for a seat.", both...)
	f.levels = m.gauge("apiserver_flowcontrol_nominal_limit_seats", "Seats of a priority level by its shares.", "priority_level")
}

// FlowCounts counts requests of one flow schema.
type FlowCounts struct {
	dispatched               *kept[prometheus.Counter]
	executing, seats, queued prometheus.Gauge
	served, refused          *kept[prometheus.Observer]
	reject                   func(reason string)
}

// Flow returns what counts requests of a flow schema and level: always the same one.
func (m *Metrics) Flow(schema, level string) *FlowCounts {
	f := &m.flow
	f.mu.Lock()
	defer f.mu.Unlock()
	key := [2]string{schema, level}
	if c := f.known[key]; c != nil {
		return c
	}
	waited := func(served bool) *kept[prometheus.Observer] {
		return keep(m, func() prometheus.Observer { return f.waited.WithLabelValues(strconv.FormatBool(served), schema, level) })
	}
	c := &FlowCounts{
		dispatched: keep(m, func() prometheus.Counter { return f.dispatched.WithLabelValues(schema, level) }),
		executing:  f.executing.WithLabelValues(schema, level), seats: f.seats.WithLabelValues(schema, level),
		queued: f.queued.WithLabelValues(schema, level), served: waited(true), refused: waited(false),
		reject: func(reason string) { f.rejected.WithLabelValues(schema, level, reason).Inc() },
	}
	f.known[key] = c
	return c
}

// FlowLevel tells how many seats a level has by its shares.
func (m *Metrics) FlowLevel(level string, seats int) {
	m.flow.levels.WithLabelValues(level).Set(float64(seats))
}

// Dispatched counts a request that has got seats.
func (c *FlowCounts) Dispatched(seats int) {
	c.dispatched.get().Inc()
	c.executing.Inc()
	c.seats.Add(float64(seats))
}

// Released counts a request that has given its seats back.
func (c *FlowCounts) Released(seats int) {
	c.executing.Dec()
	c.seats.Sub(float64(seats))
}

// Rejected counts a request for which there was no room.
func (c *FlowCounts) Rejected(reason string) { c.reject(reason) }

// Queued counts a request that waits.
func (c *FlowCounts) Queued() { c.queued.Inc() }

// Waited counts a request that waits no longer.
func (c *FlowCounts) Waited(served bool, d time.Duration) {
	c.queued.Dec()
	if served {
		c.served.get().Observe(d.Seconds())
	} else {
		c.refused.get().Observe(d.Seconds())
	}
}
