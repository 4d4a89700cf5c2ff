package metrics

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// leftOut are names of kube-apiserver that Nave has no part for, and why.
var leftOut = map[string]string{
	"apiserver_flowcontrol_":                    "there is no priority and fairness yet: requests in flight are bounded",
	"workqueue_":                                "the server has no work queues; the controllers' loop is one",
	"running_managed_controllers":               "it is the controller manager's",
	"apiserver_authentication_config_":          "reloads are in the log",
	"apiserver_authorization_config_":           "reloads are in the log",
	"apiserver_cel_":                            "the time that expressions take is part of their policy's or webhook's",
	"apiserver_validating_admission_policy_":    "the time that policies take is that of the plugin ValidatingAdmissionPolicy",
	"apiserver_validation_declarative_validati": "there is one validation, so there is nothing to compare",
	"apiserver_webhooks_x509_":                  "Go refuses such certificates, which is an error of the webhook",
}

// TestNames compares names, types, labels and buckets with kube-apiserver's.
func TestNames(t *testing.T) {
	table, err := os.ReadFile("testdata/metrics.tsv")
	if err != nil {
		t.Fatal(err)
	}
	m := newMetrics()
	all(m)
	have := map[string]*dto.MetricFamily{}
	for _, r := range []interface {
		Gather() ([]*dto.MetricFamily, error)
	}{m.all, m.slis} {
		families, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			have[f.GetName()] = f
		}
	}
next:
	for line := range strings.Lines(string(table)) {
		row := strings.Split(strings.TrimRight(line, "\n"), "\t")
		name, kind, labels, buckets := row[0], row[1], row[2], row[3]
		f := have[name]
		for prefix := range leftOut {
			if strings.HasPrefix(name, prefix) {
				if f != nil {
					t.Errorf("%s is there, and said to be left out", name)
				}
				continue next
			}
		}
		if f == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		if got := strings.ToLower(f.GetType().String()); got != kind {
			t.Errorf("%s is a %s, want %s", name, got, kind)
		}
		if got := labelsOf(f); got != labels {
			t.Errorf("%s has labels %s, want %s", name, got, labels)
		}
		if got := bucketsOf(f); buckets != "-" && got != buckets {
			t.Errorf("%s has buckets %s, want %s", name, got, buckets)
		}
	}
}

// all makes every metric have a series.
func all(m *Metrics) {
	r := get("/api/v1/endpoints", "list")
	r.Resource = "endpoints"
	m.Begun(r)
	m.Done(r, 200, 1)
	w := get("/api/v1/pods", "watch")
	m.Begun(w)
	w.Watch.Sent(1)
	w.Watch.Listed()
	m.Admission("", "CREATE", true)(0, false)
	m.Admission("P", "CREATE", true)(0, false)
	m.Webhook("w", "CREATE", true, false, 0)
	m.Checked("readyz", "etcd", nil)
}

func labelsOf(f *dto.MetricFamily) string {
	var out []string
	for _, l := range f.GetMetric()[0].GetLabel() {
		out = append(out, l.GetName())
	}
	if len(out) == 0 {
		return "-"
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

func bucketsOf(f *dto.MetricFamily) string {
	h := f.GetMetric()[0].GetHistogram()
	var out []string
	for _, b := range h.GetBucket() {
		if v := b.GetUpperBound(); v < 1e300 {
			out = append(out, strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	return strings.Join(out, ",")
}
