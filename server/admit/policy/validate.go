package policy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/cel-go/common/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit/eval"
)

// maxMessage is how long the answer of a messageExpression may be.
const maxMessage = 5 * 1024

// decision is one against a write.
type decision struct {
	index   int // of the validation
	message string
	reason  metav1.StatusReason // "" is Invalid
}

// outcome is what a policy says of a write.
type outcome struct {
	decisions []decision
	faults    []decision // of audit annotations: they deny whatever the actions of the binding
	notes     []note
}

type note struct{ key, value string }

// validate asks one policy. An expression that fails decides by the failure policy.
func (w *write) validate(ctx context.Context, i invocation, c *compiled) outcome {
	broken := func(err error) outcome {
		if !i.policy.fail {
			return outcome{}
		}
		return outcome{decisions: []decision{{message: err.Error()}}}
	}
	n, err := w.names(w.view(i.target), i.param.object)
	if err != nil {
		return broken(fmt.Errorf("failed to convert object version: %w", err))
	}
	if c.conditions.Any() {
		if matches, err := c.conditions.Match(ctx, n); err != nil {
			return broken(err)
		} else if !matches {
			return outcome{}
		}
	}
	out, err := n.decide(ctx, i.policy, c)
	if err == nil && len(c.annotations) > 0 {
		err = n.annotate(ctx, i.policy, c, &out)
	}
	if err != nil {
		return broken(err)
	}
	return out
}

// decide evaluates the validations, and then the messages of those that do not hold. An error means that nothing can
// be said at all.
func (n *names) decide(ctx context.Context, p *policy, c *compiled) (out outcome, err error) {
	e := n.evaluation(ctx, c, eval.Policy)
	var denied []int // places in decisions of those that need a message
	for i := range c.validations {
		v := &c.validations[i]
		value, err := e.run(&v.program)
		var fault *eval.Error
		switch {
		case errors.As(err, &fault):
			if p.fail {
				out.decisions = append(out.decisions, decision{index: i, message: fault.Text})
			}
		case err != nil:
			return outcome{}, err
		case value != types.True:
			denied = append(denied, len(out.decisions))
			out.decisions = append(out.decisions, decision{index: i, reason: v.reason})
		}
	}
	// What is left is for messages, which see the variables anew and without the authorizer.
	e = n.evaluation(ctx, c, e.budget)
	e.quiet = true
	for _, place := range denied {
		d := &out.decisions[place]
		v := &c.validations[d.index]
		text, err := v.text(e)
		if err == nil {
			d.message = text
			continue
		}
		if !p.fail {
			return outcome{}, nil
		}
		for _, place := range denied {
			out.decisions[place].message, out.decisions[place].reason = fmt.Sprintf("failed messageExpression: %s", err), ""
		}
		break
	}
	return out, nil
}

// text is what to say of a validation that does not hold: what its messageExpression says, if that is one line, or
// its message, or the expression.
func (v *validation) text(e *evaluation) (string, error) {
	if v.said != nil {
		value, err := e.run(v.said)
		var fault *eval.Error
		if err != nil && !errors.As(err, &fault) {
			return "", err
		}
		if err == nil {
			text, _ := value.Value().(string)
			text = strings.TrimSpace(text)
			if text != "" && len(text) <= maxMessage && !strings.Contains(text, "\n") {
				return text, nil
			}
		}
	}
	if v.message != "" {
		return v.message, nil
	}
	return "failed expression: " + v.shown, nil
}

// annotate evaluates the audit annotations, with a budget of their own and without the authorizer.
func (n *names) annotate(ctx context.Context, p *policy, c *compiled, out *outcome) error {
	e := n.evaluation(ctx, c, eval.Policy)
	e.quiet = true
	for i := range c.annotations {
		a := &c.annotations[i]
		value, err := e.run(&a.program)
		var fault *eval.Error
		switch {
		case errors.As(err, &fault):
			if p.fail {
				out.faults = append(out.faults, decision{message: fault.Text})
			}
		case err != nil:
			return err
		case value == types.NullValue:
		default:
			text, ok := value.Value().(string)
			if !ok {
				out.faults = append(out.faults, decision{message: fmt.Sprintf("valueExpression '%v' resulted in unsupported return type: %v. "+
					"Return type must be either string or null.", a.text, value.Type())})
			} else if text = strings.TrimSpace(text); text != "" {
				out.notes = append(out.notes, note{a.key, text})
			}
		}
	}
	return nil
}
