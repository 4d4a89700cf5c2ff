package admissionregistration

import (
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

func validateValidatingBinding(_ kinds.Input, obj *admissionv1.ValidatingAdmissionPolicyBinding) field.ErrorList {
	return checkValidatingBinding(obj, false)
}

func validateValidatingBindingUpdate(_ kinds.Input, obj, old *admissionv1.ValidatingAdmissionPolicyBinding) field.ErrorList {
	return checkValidatingBinding(obj, lenientBinding(old.Spec.ParamRef, old.Spec.MatchResources))
}

func lenientBinding(ref *admissionv1.ParamRef, match *admissionv1.MatchResources) bool {
	return invalidLabels(match) || ref != nil && ref.Selector != nil && metavalidation.LabelSelectorHasInvalidLabelValue(ref.Selector)
}

func checkValidatingBinding(obj *admissionv1.ValidatingAdmissionPolicyBinding, lenient bool) field.ErrorList {
	path, spec := field.NewPath("spec"), &obj.Spec
	errs := validatePolicyName(spec.PolicyName, path.Child("policyName"))
	errs = append(errs, validateParamRef(spec.ParamRef, lenient, path.Child("paramRef"))...)
	errs = append(errs, validateMatch(spec.MatchResources, lenient, path.Child("matchResources"))...)
	errs = append(errs, validateActions(spec.ValidationActions, path.Child("validationActions"))...)
	// What must be there is declared on the type upstream, so it is said last.
	if spec.PolicyName == "" {
		errs = append(errs, field.Required(path.Child("policyName"), ""))
	}
	if len(spec.ValidationActions) == 0 {
		errs = append(errs, field.Required(path.Child("validationActions"), ""))
	}
	return errs
}

func validateMutatingBinding(_ kinds.Input, obj *admissionv1.MutatingAdmissionPolicyBinding) field.ErrorList {
	return checkMutatingBinding(obj, false)
}

func validateMutatingBindingUpdate(_ kinds.Input, obj, old *admissionv1.MutatingAdmissionPolicyBinding) field.ErrorList {
	return checkMutatingBinding(obj, lenientBinding(old.Spec.ParamRef, old.Spec.MatchResources))
}

func checkMutatingBinding(obj *admissionv1.MutatingAdmissionPolicyBinding, lenient bool) field.ErrorList {
	path, spec := field.NewPath("spec"), &obj.Spec
	var errs field.ErrorList
	if spec.PolicyName == "" {
		errs = append(errs, field.Required(path.Child("policyName"), ""))
	}
	errs = append(errs, validatePolicyName(spec.PolicyName, path.Child("policyName"))...)
	errs = append(errs, validateParamRef(spec.ParamRef, lenient, path.Child("paramRef"))...)
	if m := spec.MatchResources; m != nil {
		errs = append(errs, validateMatch(m, lenient, path.Child("matchResources"))...)
		errs = append(errs, onlyOperations(m.ResourceRules, mutatingOperations(), path.Child("matchResources", "resourceRules", "operations"))...)
	}
	return errs
}

// validatePolicyName checks a name that is there.
func validatePolicyName(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return nil
	}
	var errs field.ErrorList
	for _, msg := range validation.IsDNS1123Subdomain(name) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	return errs
}

func validateParamRef(ref *admissionv1.ParamRef, lenient bool, path *field.Path) field.ErrorList {
	if ref == nil {
		return nil
	}
	const exclusive = "name and selector are mutually exclusive"
	var errs field.ErrorList
	if ref.Name != "" {
		for _, msg := range content.IsPathSegmentName(ref.Name) {
			errs = append(errs, field.Invalid(path.Child("name"), ref.Name, msg))
		}
		if ref.Selector != nil {
			errs = append(errs, field.Forbidden(path.Child("name"), exclusive))
		}
	}
	if ref.Selector != nil {
		options := metavalidation.LabelSelectorValidationOptions{AllowInvalidLabelValueInSelector: lenient}
		errs = append(errs, metavalidation.ValidateLabelSelector(ref.Selector, options, path.Child("selector"))...)
		if ref.Name != "" {
			errs = append(errs, field.Forbidden(path.Child("selector"), exclusive))
		}
	}
	if ref.Name == "" && ref.Selector == nil {
		errs = append(errs, field.Required(path, "one of name or selector must be specified"))
	}
	action := path.Child("parameterNotFoundAction")
	if ref.ParameterNotFoundAction == nil || *ref.ParameterNotFoundAction == "" {
		return append(errs, field.Required(action, ""))
	}
	return append(errs, oneOf(ref.ParameterNotFoundAction, action, admissionv1.DenyAction, admissionv1.AllowAction)...)
}

func validateActions(actions []admissionv1.ValidationAction, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range actions {
		errs = append(errs, oneOf(&actions[i], path.Index(i), admissionv1.Audit, admissionv1.Deny, admissionv1.Warn)...)
		if slices.Contains(actions[:i], actions[i]) {
			errs = append(errs, field.Duplicate(path.Index(i), actions[i]))
		}
	}
	if slices.Contains(actions, admissionv1.Deny) && slices.Contains(actions, admissionv1.Warn) {
		errs = append(errs, field.Invalid(path, actions, "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)"))
	}
	return errs
}
