package metrics

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// State is what is not counted but looked at when metrics are read.
type State struct {
	Objects []Objects
	// Size of the database in bytes; negative if it is not known. Cluster names the database.
	Size    int64
	Cluster string
}

// Objects is how many objects a resource has, and how many events of it have come from the database.
type Objects struct {
	Group, Plural string
	Count         int64 // negative if it is not known
	Received      int64
}

var (
	objectsDesc  = prometheus.NewDesc("apiserver_storage_objects", "Objects that are stored.", []string{"resource"}, nil)
	sizeDesc     = prometheus.NewDesc("apiserver_storage_size_bytes", "Bytes of the database on disk.", []string{"storage_cluster_id"}, nil)
	receivedDesc = prometheus.NewDesc("apiserver_storage_events_received_total", "Changes that the database has told of.", []string{"group", "resource"}, nil)
)

type stateCollector struct{ state func() State }

func newStateCollector(state func() State) prometheus.Collector { return stateCollector{state} }

func (c stateCollector) Describe(out chan<- *prometheus.Desc) {
	out <- objectsDesc
	out <- sizeDesc
	out <- receivedDesc
}

func (c stateCollector) Collect(out chan<- prometheus.Metric) {
	s := c.state()
	for _, o := range s.Objects {
		name := strings.TrimSuffix(o.Plural+"."+o.Group, ".")
		out <- prometheus.MustNewConstMetric(objectsDesc, prometheus.GaugeValue, float64(o.Count), name)
		out <- prometheus.MustNewConstMetric(receivedDesc, prometheus.CounterValue, float64(o.Received), o.Group, o.Plural)
	}
	if s.Size >= 0 {
		out <- prometheus.MustNewConstMetric(sizeDesc, prometheus.GaugeValue, float64(s.Size), s.Cluster)
	}
}

// info registers what is told of the server and does not change.
func (m *Metrics) info() {
	labels := []string{"build_date", "compiler", "git_commit", "git_tree_state", "git_version", "go_version", "major", "minor", "platform"}
	values := make([]string, len(labels))
	for i, l := range labels {
		values[i] = m.Build[l]
	}
	m.gauge("kubernetes_build_info", "Which version this is; always 1.", labels...).WithLabelValues(values...).Set(1)
	features := m.gauge("kubernetes_feature_enabled", "Whether a feature is on.", "name", "stage")
	for _, f := range m.Features {
		on := 0.0
		if f.On {
			on = 1
		}
		features.WithLabelValues(f.Name, f.Stage).Set(on)
	}
	// None is hidden or disabled, and the names of this package are all there are.
	for _, name := range []string{"hidden_metrics_total", "disabled_metrics_total"} {
		m.all.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: "Always 0: all metrics are shown."}))
	}
	registered := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "registered_metrics_total", Help: "Metrics by how stable their names are."}, []string{"deprecated_version", "stability_level"})
	m.all.MustRegister(registered)
	for _, name := range append(m.names, "apiserver_current_inflight_requests", "apiserver_storage_objects", "apiserver_storage_size_bytes",
		"apiserver_storage_events_received_total", "hidden_metrics_total", "disabled_metrics_total", "registered_metrics_total") {
		level := "BETA"
		if slices.Contains(stable, name) {
			level = "STABLE"
		}
		registered.WithLabelValues("", level).Inc()
	}
}

// stable are the names of which Kubernetes promises that they do not change.
var stable = []string{
	"apiserver_admission_controller_admission_duration_seconds", "apiserver_admission_step_admission_duration_seconds",
	"apiserver_admission_webhook_admission_duration_seconds", "apiserver_current_inflight_requests", "apiserver_longrunning_requests",
	"apiserver_request_duration_seconds", "apiserver_request_total", "apiserver_requested_deprecated_apis", "apiserver_response_sizes",
	"apiserver_storage_objects", "apiserver_storage_size_bytes", "kubernetes_healthcheck", "kubernetes_healthchecks_total",
}
