package webhook

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/eval"
	"github.com/nave-k8s/nave/server/admit/match"
	"github.com/nave-k8s/nave/server/admit/view"
)

// Config is what the plugins need.
type Config struct {
	// Reader is how they see configurations, namespaces and services; better an admit.Shared.
	Reader admit.Reader
	// Authorizer answers match conditions that ask what the user may do.
	Authorizer eval.Authorizer
	// Served returns all resources that are served, custom ones too.
	Served func() []*kinds.Resource
	// Took hears how long a webhook took, in seconds, and whether the write was refused by it; nil for nobody.
	Took func(name, operation string, mutating, refused bool, seconds float64)
}

func (c Config) took(h *hook, a *admit.Attributes, mutating bool, err error, took time.Duration) {
	if c.Took != nil {
		c.Took(h.name, string(a.Operation), mutating, err != nil, took.Seconds())
	}
}

// asking is one write on its way through the webhooks of a plugin.
type asking struct {
	Config
	a     *admit.Attributes
	views map[match.Target]*view.View
}

func (c Config) asking(a *admit.Attributes) *asking {
	return &asking{c, a, map[match.Target]*view.View{}}
}

// wants returns the form in which the webhook wants to see the write, nil if it does not. What goes wrong on the
// way matters only to webhooks whose rules match.
func (q *asking) wants(ctx context.Context, h *hook) (*view.View, error) {
	inNamespace, namespaceErr := h.selectors.OfNamespace(ctx, q.Reader, q.a)
	if !inNamespace && namespaceErr == nil || !h.selectors.OfObject(q.a) {
		return nil, nil
	}
	target, ok := match.Rules(q.a, h.rules, h.equivalent, q.Served())
	if !ok {
		return nil, nil
	}
	if namespaceErr != nil {
		return nil, namespaceErr
	}
	v := q.views[target]
	if v == nil {
		v = view.Of(q.a, target)
		q.views[target] = v
	}
	if !h.conditions.Any() {
		return v, nil
	}
	names, err := eval.Of(v)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	names.AddAuthorizer(q.Authorizer, q.a)
	matches, err := h.conditions.Match(ctx, names)
	if err != nil {
		return nil, apierrors.NewForbidden(q.a.Resource.GroupResource(), q.a.Name, err)
	}
	if !matches {
		return nil, nil
	}
	return v, nil
}

// changed tells all views that the object is another.
func (q *asking) changed() {
	for _, v := range q.views {
		v.Forget()
	}
}
