package admissionregistration

import (
	"strings"

	"github.com/google/cel-go/cel"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/expression"
)

func validateMutatingPolicy(_ kinds.Input, obj *admissionv1.MutatingAdmissionPolicy) field.ErrorList {
	return validateMutating(obj, nil, false)
}

func validateMutatingPolicyUpdate(_ kinds.Input, obj, old *admissionv1.MutatingAdmissionPolicy) field.ErrorList {
	before := stored{}
	before.remember(old.Spec.MatchConditions)
	for _, v := range old.Spec.Variables {
		before[v.Expression] = true
	}
	for _, m := range old.Spec.Mutations {
		if m.JSONPatch != nil {
			before[strings.TrimSpace(m.JSONPatch.Expression)] = true
		}
		if m.ApplyConfiguration != nil {
			before[strings.TrimSpace(m.ApplyConfiguration.Expression)] = true
		}
	}
	if (obj.Spec.ParamKind == nil) != (old.Spec.ParamKind == nil) {
		before = nil // what expressions see has changed
	}
	return validateMutating(obj, before, invalidLabels(old.Spec.MatchConstraints))
}

func validateMutating(obj *admissionv1.MutatingAdmissionPolicy, old stored, lenient bool) field.ErrorList {
	spec, path := &obj.Spec, field.NewPath("spec")
	c := &policyCheck{params: spec.ParamKind != nil, lenient: lenient, old: old, compiler: expression.NewCompiler(true)}
	errs := c.head(spec.FailurePolicy, spec.ParamKind, spec.MatchConstraints, mutatingOperations(), spec.MatchConditions, spec.Variables)
	if len(spec.Mutations) == 0 {
		errs = append(errs, field.Required(path.Child("mutations"), "mutations must contain at least one item"))
	}
	for i := range spec.Mutations {
		errs = append(errs, c.mutation(&spec.Mutations[i], path.Child("mutations").Index(i))...)
	}
	reinvocation := path.Child("reinvocationPolicy")
	if spec.ReinvocationPolicy == "" {
		return append(errs, field.Required(reinvocation, ""))
	}
	return append(errs, oneOf(&spec.ReinvocationPolicy, reinvocation, admissionv1.IfNeededReinvocationPolicy, admissionv1.NeverReinvocationPolicy)...)
}

func (c *policyCheck) mutation(m *admissionv1.Mutation, path *field.Path) field.ErrorList {
	if m.PatchType == "" {
		return field.ErrorList{field.Required(path.Child("patchType"), "")}
	}
	const apply, patch = "applyConfiguration", "jsonPatch"
	var errs field.ErrorList
	missing := func(name string, t admissionv1.PatchType) {
		errs = append(errs, field.Required(path.Child(name), "must be specified when patchType is "+string(t)))
	}
	unwanted := func(name string, t admissionv1.PatchType) {
		errs = append(errs, field.Invalid(path.Child(name), "{"+name+"}", "must not be specified when patchType is "+string(t)))
	}
	switch m.PatchType {
	case admissionv1.PatchTypeJSONPatch:
		if m.JSONPatch == nil {
			missing(patch, m.PatchType)
		} else {
			errs = append(errs, c.patch(m.JSONPatch.Expression, path.Child(patch, "expression"), cel.ListType(cel.ObjectType("JSONPatch")))...)
		}
		if m.ApplyConfiguration != nil {
			unwanted(apply, m.PatchType)
		}
	case admissionv1.PatchTypeApplyConfiguration:
		if m.ApplyConfiguration == nil {
			missing(apply, m.PatchType)
		} else {
			errs = append(errs, c.patch(m.ApplyConfiguration.Expression, path.Child(apply, "expression"), cel.ObjectType("Object"))...)
		}
		if m.JSONPatch != nil {
			unwanted(patch, m.PatchType)
		}
	default:
		errs = append(errs, oneOf(&m.PatchType, path.Child("patchType"), admissionv1.PatchTypeApplyConfiguration, admissionv1.PatchTypeJSONPatch)...)
	}
	return errs
}

func (c *policyCheck) patch(text string, path *field.Path, want *cel.Type) field.ErrorList {
	text = strings.TrimSpace(text)
	if text == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return c.check(path, text, expression.Scope{Params: c.params, Authorizer: true, Patches: true}, want)
}
