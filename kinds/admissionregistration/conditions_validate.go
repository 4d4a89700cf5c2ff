package admissionregistration

import (
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/expression"
)

// maxMatchConditions is the most match conditions of a webhook or policy.
const maxMatchConditions = 64

// stored holds the expressions that an object had before an update. They were compiled when they came,
// perhaps by an older server with other rules, and are not asked again.
type stored map[string]bool

// validateConditions checks match conditions, which see no variables.
func validateConditions(conditions []admissionv1.MatchCondition, params bool, old stored, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(conditions) > maxMatchConditions {
		errs = append(errs, field.TooMany(path, len(conditions), maxMatchConditions))
	}
	compiler := expression.NewCompiler(false)
	for i, c := range conditions {
		p := path.Index(i)
		text := strings.TrimSpace(c.Expression)
		if text == "" {
			errs = append(errs, field.Required(p.Child("expression"), ""))
		} else if !old[c.Expression] {
			problem := compiler.Check(text, expression.Scope{Params: params, Authorizer: true}, cel.BoolType)
			errs = append(errs, wrong(p.Child("expression"), text, problem)...)
		}
		if c.Name == "" {
			errs = append(errs, field.Required(p.Child("name"), ""))
			continue
		}
		for _, msg := range validation.IsQualifiedName(c.Name) {
			errs = append(errs, field.Invalid(p.Child("name"), c.Name, msg))
		}
		if slices.ContainsFunc(conditions[:i], func(o admissionv1.MatchCondition) bool { return o.Name == c.Name }) {
			errs = append(errs, field.Duplicate(p.Child("name"), c.Name))
		}
	}
	return errs
}

// wrong is the error of an expression with that problem, none for "".
func wrong(path *field.Path, text, problem string) field.ErrorList {
	if problem == "" {
		return nil
	}
	return field.ErrorList{field.Invalid(path, text, problem)}
}

// remember adds the expressions of match conditions.
func (s stored) remember(conditions []admissionv1.MatchCondition) {
	for _, c := range conditions {
		s[c.Expression] = true
	}
}
