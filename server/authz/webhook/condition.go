package webhook

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// condition is a compiled expression.
type condition struct {
	text    string
	program cel.Program
}

// compile compiles expressions on `request`, the spec of a SubjectAccessReview (KEP-3221).
func compile(texts []string) ([]condition, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	spec := specType()
	set, err := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        []cel.EnvOption{cel.Variable("request", spec.CelType())}, DeclTypes: []*apiservercel.DeclType{spec},
	})
	if err != nil {
		return nil, err
	}
	env := set.StoredExpressionsEnv()
	var out []condition
	var errs []error
	for i, text := range texts {
		ast, issues := env.Compile(text)
		switch {
		case issues != nil:
			errs = append(errs, fmt.Errorf("matchConditions[%d].expression: compilation failed: %s", i, issues))
			continue
		case !ast.OutputType().IsExactType(cel.BoolType):
			errs = append(errs, fmt.Errorf("matchConditions[%d].expression: must evaluate to bool", i))
			continue
		}
		p, err := env.Program(ast)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, condition{text, p})
	}
	return out, errors.Join(errs...)
}

// applies reports whether all conditions hold. One that does not hold counts more than one that fails.
func applies(ctx context.Context, conditions []condition, spec *authorizationv1.SubjectAccessReviewSpec) (bool, error) {
	if len(conditions) == 0 {
		return true, nil
	}
	value, err := runtime.DefaultUnstructuredConverter.ToUnstructured(spec)
	if err != nil {
		return false, err
	}
	var errs []error
	for _, c := range conditions {
		v, _, err := c.program.ContextEval(ctx, map[string]any{"request": value})
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("match condition '%s': %w", c.text, err))
		case v != types.True:
			return false, nil
		}
	}
	return len(errs) == 0, errors.Join(errs...)
}

func specType() *apiservercel.DeclType {
	text := apiservercel.StringType
	texts := apiservercel.NewListType(text, -1)
	object := func(name string, fields map[string]*apiservercel.DeclType) *apiservercel.DeclType {
		declared := map[string]*apiservercel.DeclField{}
		for n, t := range fields {
			declared[n] = apiservercel.NewDeclField(n, t, false, nil, nil)
		}
		return apiservercel.NewObjectType(name, declared)
	}
	term := func(name string) *apiservercel.DeclType {
		return object(name, map[string]*apiservercel.DeclType{"key": text, "operator": text, "values": texts})
	}
	selector := func(name string) *apiservercel.DeclType {
		return object(name, map[string]*apiservercel.DeclType{"rawSelector": text, "requirements": apiservercel.NewListType(term(name+"Requirement"), -1)})
	}
	return object("kubernetes.SubjectAccessReviewSpec", map[string]*apiservercel.DeclType{
		"user": text, "uid": text, "groups": texts, "extra": apiservercel.NewMapType(text, texts, -1),
		"resourceAttributes": object("kubernetes.ResourceAttributes", map[string]*apiservercel.DeclType{
			"namespace": text, "verb": text, "group": text, "version": text, "resource": text, "subresource": text, "name": text,
			"fieldSelector": selector("kubernetes.FieldSelector"), "labelSelector": selector("kubernetes.LabelSelector"),
		}),
		"nonResourceAttributes": object("kubernetes.NonResourceAttributes", map[string]*apiservercel.DeclType{"path": text, "verb": text}),
	})
}
