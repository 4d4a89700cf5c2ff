package eval

import (
	"context"
	"errors"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/interpreter"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"

	"github.com/nave-k8s/nave/kinds/expression"
)

// MatchConditions are what all must hold for a webhook or policy to be asked.
type MatchConditions struct {
	programs []condition
	fail     bool // the failure policy
}

type condition struct {
	name, text string
	program    cel.Program
	err        error
}

// CompileConditions compiles match conditions; fail is whether a condition that cannot be evaluated refuses the
// write, or just leaves it alone.
func CompileConditions(compiler *expression.Compiler, conditions []admissionregistrationv1.MatchCondition, scope expression.Scope, fail bool) *MatchConditions {
	c := &MatchConditions{fail: fail}
	for _, m := range conditions {
		text := strings.TrimSpace(m.Expression)
		program, _, err := compiler.Program(text, scope)
		c.programs = append(c.programs, condition{m.Name, text, program, err})
	}
	return c
}

// Any reports whether there are conditions at all.
func (c *MatchConditions) Any() bool { return len(c.programs) > 0 }

// Match reports whether all conditions hold. One that does not decides, whatever errors others have; otherwise an
// error is returned or, by the failure policy, means no.
func (c *MatchConditions) Match(ctx context.Context, names interpreter.Activation) (bool, error) {
	budget := Budget(Conditions)
	var faults []error
	for _, p := range c.programs {
		if p.err != nil {
			faults = append(faults, p.err)
			continue
		}
		value, err := Run(ctx, p.program, p.text, names, &budget)
		var fault *Error
		switch {
		case errors.As(err, &fault):
			faults = append(faults, err)
		case err != nil:
			if c.fail {
				return false, err
			}
			return false, nil
		case value == types.False:
			return false, nil
		}
	}
	if len(faults) == 0 {
		return true, nil
	}
	if c.fail {
		return false, utilerrors.NewAggregate(faults)
	}
	return false, nil
}
