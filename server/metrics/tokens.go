package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/nave-k8s/nave/server/request"
)

// tokens of service accounts are counted by their kind.
type tokens struct {
	valid, stale, legacy *kept[prometheus.Counter]
}

func (t *tokens) init(m *Metrics) {
	of := func(name, help string) *kept[prometheus.Counter] {
		v := m.counter(name, help)
		return keep(m, func() prometheus.Counter { return v.WithLabelValues() })
	}
	t.valid = of("serviceaccount_valid_tokens_total", "Requests with a token of a service account that is bound to objects and in time.")
	t.stale = of("serviceaccount_stale_tokens_total", "Requests with a token of a service account that should have been replaced.")
	t.legacy = of("serviceaccount_legacy_tokens_total", "Requests with a token of a service account that never expires.")
}

// used hears of a request that came with one.
func (t *tokens) used(r *request.Request) {
	if r.Annotations["authentication.k8s.io/stale-token"] != "" {
		t.stale.get().Inc()
		return
	}
	if r.User.Extra["authentication.kubernetes.io/credential-id"] == nil {
		t.legacy.get().Inc()
		return
	}
	t.valid.get().Inc()
}
