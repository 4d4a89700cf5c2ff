package metrics

import "github.com/prometheus/client_golang/prometheus"

// checks are how health checks came out: /metrics/slis.
type checks struct {
	now   *prometheus.GaugeVec
	total *prometheus.CounterVec
}

func (c *checks) init(m *Metrics) {
	c.now = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kubernetes_healthcheck", Help: "How the check came out last: 1 is well."}, []string{"name", "type"})
	c.total = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kubernetes_healthchecks_total", Help: "How often the check came out how."}, []string{"name", "status", "type"})
	m.slis.MustRegister(c.now, c.total)
	m.resets = append(m.resets, c.now.Reset, c.total.Reset)
}

// Checked hears how a health check came out. kind is healthz, livez or readyz.
func (m *Metrics) Checked(kind, name string, err error) {
	status, now := "success", 1.0
	if err != nil {
		status, now = "error", 0
	}
	m.checks.now.WithLabelValues(name, kind).Set(now)
	m.checks.total.WithLabelValues(name, status, kind).Inc()
}
