package policy

import (
	"context"
	"errors"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit/eval"
)

// mutated is what came of running one policy.
type mutated struct {
	ran     bool // its conditions hold
	patched bool // a mutation was done
	changed bool // and the object is another
	faults  []error
}

// mutate does the mutations of one policy. One that fails does not keep the next ones from being done. An error ends
// the request, whatever the failure policy.
func (w *write) mutate(ctx context.Context, i invocation, c *compiled) (out mutated, err error) {
	v := w.view(i.target)
	n, err := w.names(v, i.param.object)
	if err != nil {
		return out, apierrors.NewInternalError(err)
	}
	if c.conditions.Any() {
		matches, err := c.conditions.Match(ctx, n)
		if err != nil {
			out.faults = append(out.faults, err)
			return out, nil
		}
		if !matches {
			return out, nil
		}
	}
	out.ran = true
	if w.a.Object == nil {
		return out, nil
	}
	for at := range c.mutations {
		m := &c.mutations[at]
		changed, err := w.change(ctx, n, c, m)
		var status *apierrors.StatusError
		if errors.As(err, &status) {
			return out, err
		}
		if err != nil {
			out.faults = append(out.faults, err)
			continue
		}
		out.patched = true
		if !changed {
			continue
		}
		out.changed = true
		w.changed()
		if n, err = w.names(v, i.param.object); err != nil {
			return out, apierrors.NewInternalError(err)
		}
	}
	return out, nil
}

// change does one mutation. The budget is that of a whole policy.
func (w *write) change(ctx context.Context, n *names, c *compiled, m *amendment) (bool, error) {
	if m.err != nil {
		return false, m.err
	}
	value, err := n.evaluation(ctx, c, eval.Policy).run(&m.program)
	if err != nil {
		return false, err
	}
	if m.patch == admissionregistrationv1.PatchTypeJSONPatch {
		return n.patch(value)
	}
	return n.apply(value)
}
