package policy

import (
	"context"
	"fmt"
	"math"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/cel/lazy"

	"github.com/nave-k8s/nave/server/admit/eval"
	"github.com/nave-k8s/nave/server/admit/view"
)

// names are what the expressions of a policy see of a write. Each is made when somebody asks for it, and kept as long
// as the object stays as it is.
type names struct {
	write     *write
	view      *view.View
	param     runtime.Object
	known     map[string]any
	object    any
	oldObject any
}

func (w *write) names(v *view.View, param runtime.Object) (*names, error) {
	object, oldObject, err := v.Objects()
	if err != nil {
		return nil, err
	}
	return &names{write: w, view: v, param: param, object: eval.Value(object), oldObject: eval.Value(oldObject)}, nil
}

// ResolveName implements interpreter.Activation.
func (n *names) ResolveName(name string) (any, bool) {
	switch name {
	case "object":
		return n.object, true
	case "oldObject":
		return n.oldObject, true
	}
	if value, ok := n.known[name]; ok {
		return value, true
	}
	var value any
	switch name {
	case "request":
		asMap, err := eval.Request(n.view)
		if value = asMap; err != nil {
			value = types.WrapErr(err)
		}
	case "namespaceObject":
		if n.write.namespace != nil {
			value = eval.Value(n.write.namespace)
		}
	case "params":
		value = eval.Value(n.param)
	case "authorizer", "authorizer.requestResource":
		both := eval.Names{}
		both.AddAuthorizer(n.write.Authorizer, n.write.a)
		value = both[name]
	default:
		return nil, false
	}
	if n.known == nil {
		n.known = map[string]any{}
	}
	n.known[name] = value
	return value, true
}

// Parent implements interpreter.Activation.
func (*names) Parent() interpreter.Activation { return nil }

// An evaluation is a run of expressions that share a budget and the values of variables.
type evaluation struct {
	*names
	ctx       context.Context
	compiled  *compiled
	quiet     bool // without authorizer
	budget    eval.Budget
	spent     eval.Budget // by variables, since the last expression
	variables ref.Val
}

func (n *names) evaluation(ctx context.Context, c *compiled, budget eval.Budget) *evaluation {
	return &evaluation{names: n, ctx: ctx, compiled: c, budget: budget}
}

// ResolveName implements interpreter.Activation.
func (e *evaluation) ResolveName(name string) (any, bool) {
	switch name {
	case "variables":
		if e.variables == nil && e.compiled.variablesType != nil {
			e.variables = e.lazily()
		}
		return e.variables, e.variables != nil
	case "authorizer", "authorizer.requestResource":
		if e.quiet {
			return nil, false
		}
	}
	return e.names.ResolveName(name)
}

// lazily is all variables, of which each is evaluated when it is first used.
func (e *evaluation) lazily() ref.Val {
	all := lazy.NewMapValue(e.compiled.variablesType)
	for i := range e.compiled.variables {
		v := &e.compiled.variables[i]
		all.Append(v.name, func(*lazy.MapValue) ref.Val { return e.variable(v) })
	}
	return all
}

func (e *evaluation) variable(v *variable) ref.Val {
	if v.err != nil {
		return types.NewErr("composited variable %q fails to compile: %v", v.name, v.err)
	}
	value, details, err := v.program.program.ContextEval(e.ctx, e)
	if details == nil {
		return types.NewErr("unable to get evaluation details of variable %q", v.name)
	}
	cost := details.ActualCost()
	if cost == nil {
		return types.NewErr("unable to calculate cost of variable %q", v.name)
	}
	e.spent += eval.Budget(min(*cost, math.MaxInt32))
	if err != nil {
		return types.NewErr("composited variable %q fails to evaluate: %v", v.name, err)
	}
	return value
}

// run evaluates an expression. An error that is not an *eval.Error ends the evaluation.
func (e *evaluation) run(p *program) (ref.Val, error) {
	if p.err != nil {
		return nil, &eval.Error{Text: fmt.Sprintf("compilation error: %v", p.err)}
	}
	value, err := eval.Run(e.ctx, p.program, p.text, e, &e.budget)
	e.budget -= e.spent
	e.spent = 0
	if e.budget < 0 {
		return nil, eval.ErrBudget
	}
	return value, err
}
