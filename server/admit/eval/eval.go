// Package eval evaluates the CEL expressions of webhooks and admission policies on a write, within a budget of
// cost. Compiling is kinds/expression's.
package eval

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/cel/common"

	"github.com/nave-k8s/nave/server/admit/view"
)

// Budgets of cost, as kube-apiserver has them.
const (
	// Conditions is what all match conditions of one webhook or policy may cost.
	Conditions = 2_500_000
	// Policy is what all expressions of one policy may cost, for one write.
	Policy = 10_000_000
)

// A Budget is how much may still be spent.
type Budget int64

// ErrBudget is the error when nothing is left.
var ErrBudget = errors.New("validation failed due to running out of cost budget, no further validation rules will be run")

// Names are what expressions see, by name: absent names are unknown to them.
type Names map[string]any

// ResolveName implements interpreter.Activation.
func (n Names) ResolveName(name string) (any, bool) {
	value, ok := n[name]
	return value, ok
}

// Parent implements interpreter.Activation.
func (Names) Parent() interpreter.Activation { return nil }

// Of returns the names object, oldObject and request of a write.
func Of(v *view.View) (Names, error) {
	object, oldObject, err := v.Objects()
	if err != nil {
		return nil, err
	}
	request, err := Request(v)
	if err != nil {
		return nil, err
	}
	return Names{"object": Value(object), "oldObject": Value(oldObject), "request": request}, nil
}

// Value is an object as expressions see it, nil for none. It belongs to one goroutine.
func Value(obj runtime.Object) any {
	switch obj := obj.(type) {
	case nil:
		return nil
	case *unstructured.Unstructured:
		return obj.Object
	}
	return common.SchemalessTypedToVal(obj)
}

// Request is the name request of a write.
func Request(v *view.View) (map[string]any, error) {
	request, err := v.Request()
	if err != nil {
		return nil, err
	}
	asMap, err := runtime.DefaultUnstructuredConverter.ToUnstructured(request)
	if err != nil {
		return nil, err
	}
	delete(asMap, "uid")
	for _, name := range []string{"name", "subResource", "requestSubResource", "namespace"} {
		if text, ok := asMap[name].(string); ok && text == "" {
			delete(asMap, name)
		}
	}
	return asMap, nil
}

// Run evaluates the program and takes what it cost from the budget. A program whose expression is wrong for this
// write returns an Error; other errors end the evaluation of all that follows.
func Run(ctx context.Context, program cel.Program, text string, names interpreter.Activation, budget *Budget) (ref.Val, error) {
	value, details, err := program.ContextEval(ctx, names)
	if details == nil {
		return nil, fmt.Errorf("runtime cost could not be calculated for expression: %v, no further expression will be run", text)
	}
	cost := details.ActualCost()
	if cost == nil {
		return nil, fmt.Errorf("runtime cost could not be calculated for expression: %v, no further expression will be run", text)
	}
	if *cost > math.MaxInt64 || Budget(*cost) > *budget {
		return nil, ErrBudget
	}
	*budget -= Budget(*cost)
	if err != nil {
		return nil, &Error{fmt.Sprintf("expression '%v' resulted in error: %v", text, err)}
	}
	return value, nil
}

// An Error is of an expression that could not be evaluated on this write.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }
