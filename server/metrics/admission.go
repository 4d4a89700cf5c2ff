package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// admitted is how long admission takes, as a whole and by plugin.
type admitted struct {
	m       *Metrics
	step    *prometheus.HistogramVec
	plugins *prometheus.HistogramVec
	webhook *prometheus.HistogramVec
}

func (q *admitted) init(m *Metrics) {
	buckets := []float64{0.005, 0.025, 0.1, 0.5, 1, 2.5}
	q.m = m
	q.step = m.histogram("apiserver_admission_step_admission_duration_seconds", "How long admission took, for all plugins together.", buckets, "operation", "rejected", "type")
	q.plugins = m.histogram("apiserver_admission_controller_admission_duration_seconds", "How long admission took, by plugin.", buckets, "name", "operation", "rejected", "type")
	q.webhook = m.histogram("apiserver_admission_webhook_admission_duration_seconds", "How long admission took, by webhook.", []float64{0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25}, "name", "operation", "rejected", "type")
}

// Admission returns the timer of a plugin, or of all together if the name is "". It is resolved once.
func (m *Metrics) Admission(name, operation string, mutating bool) func(seconds float64, rejected bool) {
	of := func(rejected bool) *kept[prometheus.Observer] {
		return keep(m, func() prometheus.Observer {
			labels := []string{operation, strconv.FormatBool(rejected), kindOf(mutating)}
			if name == "" {
				return m.admitted.step.WithLabelValues(labels...)
			}
			return m.admitted.plugins.WithLabelValues(append([]string{name}, labels...)...)
		})
	}
	allowed, refused := of(false), of(true)
	return func(seconds float64, rejected bool) {
		if rejected {
			refused.get().Observe(seconds)
			return
		}
		allowed.get().Observe(seconds)
	}
}

// Webhook hears how long a webhook took.
func (m *Metrics) Webhook(name, operation string, mutating, rejected bool, seconds float64) {
	m.admitted.webhook.WithLabelValues(name, operation, strconv.FormatBool(rejected), kindOf(mutating)).Observe(seconds)
}

func kindOf(mutating bool) string {
	if mutating {
		return "admit"
	}
	return "validate"
}
