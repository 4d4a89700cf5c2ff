package policy

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/match"
	"github.com/nave-k8s/nave/server/admit/view"
)

// write is one write on its way through the policies of a plugin.
type write struct {
	Config
	a         *admit.Attributes
	views     map[match.Target]*view.View
	namespace runtime.Object // nil for what is in none
	siblings  []*kinds.Resource
	searched  bool
}

// invocation is a policy that is to look at a write, with one param.
type invocation struct {
	policy  *policy
	binding *binding
	target  match.Target
	param   param
}

// problem is why a policy, or a binding of it, could not be asked.
type problem struct {
	policy  *policy
	binding *binding // nil: the policy itself
	err     error
	invalid bool // an expression failed, rather than what decides whether it is asked
}

func (p problem) text() string {
	if p.binding == nil {
		return fmt.Sprintf("failed to configure policy: %v", p.err)
	}
	return fmt.Sprintf("failed to configure binding: %v", p.err)
}

func (c Config) write(a *admit.Attributes) *write { return &write{Config: c, a: a} }

// versions are the resources of the same kind as that of the write.
func (w *write) versions() []*kinds.Resource {
	if !w.searched {
		w.searched = true
		for _, r := range w.Served() {
			if r.Root() == w.a.Resource.Root() {
				w.siblings = append(w.siblings, r)
			}
		}
	}
	return w.siblings
}

func (w *write) view(target match.Target) *view.View {
	v := w.views[target]
	if v == nil {
		if w.views == nil {
			w.views = map[match.Target]*view.View{}
		}
		v = view.Of(w.a, target)
		w.views[target] = v
	}
	return v
}

// changed tells all views that the object is another.
func (w *write) changed() {
	for _, v := range w.views {
		v.Forget()
	}
}

// readNamespace reads the namespace that expressions see.
func (w *write) readNamespace(ctx context.Context) error {
	if w.a.Namespace == "" || w.a.Resource.Group == "" && w.a.Resource.Plural == "namespaces" {
		return nil
	}
	namespace, err := w.Reader.Get(ctx, "", "namespaces", "", w.a.Namespace)
	if err != nil {
		return err
	}
	w.namespace = namespace
	return nil
}

// each calls visit for every policy, binding and param that wants the write, and failed for those that could not be
// asked, in the order of the names of policies and bindings. An error of visit ends it.
func (w *write) each(ctx context.Context, all []bound, failed func(problem), visit func(invocation) error) error {
	for _, p := range all {
		if p.constraints == nil {
			failed(problem{policy: p.policy, err: errors.New("policy contained no match constraints, a required field")})
			continue
		}
		target, wanted, err := p.constraints.Match(ctx, w.Reader, w.a, w.versions())
		if err != nil {
			failed(problem{policy: p.policy, err: err})
			continue
		}
		if !wanted {
			continue
		}
		kind, err := w.paramKind(p.policy)
		if err != nil {
			failed(problem{policy: p.policy, err: err})
			continue
		}
		for _, b := range p.bindings {
			if b.resources != nil {
				if _, wanted, err = b.resources.Match(ctx, w.Reader, w.a, w.versions()); err != nil {
					failed(problem{policy: p.policy, binding: b, err: err})
					continue
				} else if !wanted {
					continue
				}
			}
			params, err := w.params(ctx, p.policy, b, kind)
			if err != nil {
				failed(problem{policy: p.policy, binding: b, err: err})
				continue
			}
			for _, one := range params {
				if err := visit(invocation{p.policy, b, target, one}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
