package batch

import (
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	maxPolicyRules       = 20
	maxConditionPatterns = 20
	maxExitCodes         = 255
)

func validateFailurePolicy(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	if spec.PodFailurePolicy == nil {
		return nil
	}
	var errs field.ErrorList
	rules := path.Child("rules")
	if n := len(spec.PodFailurePolicy.Rules); n > maxPolicyRules {
		errs = append(errs, field.TooMany(rules, n, maxPolicyRules))
	}
	for i := range spec.PodFailurePolicy.Rules {
		errs = append(errs, validateFailureRule(spec, &spec.PodFailurePolicy.Rules[i], rules.Index(i))...)
	}
	return errs
}

func validateFailureRule(spec *batchv1.JobSpec, rule *batchv1.PodFailurePolicyRule, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	action := path.Child("action")
	switch rule.Action {
	case batchv1.PodFailurePolicyActionCount, batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyActionIgnore:
	case batchv1.PodFailurePolicyActionFailIndex:
		if spec.BackoffLimitPerIndex == nil {
			errs = append(errs, field.Invalid(action, rule.Action, "requires the backoffLimitPerIndex to be set"))
		}
	case "":
		errs = append(errs, field.Required(action, fmt.Sprintf("valid values: %q", failureActions)))
	default:
		errs = append(errs, field.NotSupported(action, rule.Action, failureActions))
	}
	if rule.OnExitCodes != nil {
		errs = append(errs, validateExitCodes(&spec.Template.Spec, rule.OnExitCodes, path.Child("onExitCodes"))...)
	}
	if len(rule.OnPodConditions) > 0 {
		errs = append(errs, validateConditionPatterns(rule.OnPodConditions, path.Child("onPodConditions"))...)
	}
	switch {
	case rule.OnExitCodes != nil && len(rule.OnPodConditions) > 0:
		errs = append(errs, field.Invalid(path, field.OmitValueType{}, "specifying both OnExitCodes and OnPodConditions is not supported"))
	case rule.OnExitCodes == nil && len(rule.OnPodConditions) == 0:
		errs = append(errs, field.Invalid(path, field.OmitValueType{}, "specifying one of OnExitCodes and OnPodConditions is required"))
	}
	return errs
}

var (
	failureActions = []batchv1.PodFailurePolicyAction{batchv1.PodFailurePolicyActionCount, batchv1.PodFailurePolicyActionFailIndex,
		batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyActionIgnore}
	exitOperators = []batchv1.PodFailurePolicyOnExitCodesOperator{batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpNotIn}
	statuses      = []corev1.ConditionStatus{corev1.ConditionFalse, corev1.ConditionTrue, corev1.ConditionUnknown}
)

func validateExitCodes(pod *corev1.PodSpec, codes *batchv1.PodFailurePolicyOnExitCodesRequirement, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	operator := path.Child("operator")
	if codes.Operator == "" {
		errs = append(errs, field.Required(operator, fmt.Sprintf("valid values: %q", exitOperators)))
	} else if !slices.Contains(exitOperators, codes.Operator) {
		errs = append(errs, field.NotSupported(operator, codes.Operator, exitOperators))
	}
	if codes.ContainerName != nil && !hasContainer(pod, *codes.ContainerName) {
		errs = append(errs, field.Invalid(path.Child("containerName"), *codes.ContainerName, "must be one of the container or initContainer names in the pod template"))
	}
	values := path.Child("values")
	if n := len(codes.Values); n == 0 {
		errs = append(errs, field.Invalid(values, codes.Values, "at least one value is required"))
	} else if n > maxExitCodes {
		errs = append(errs, field.TooMany(values, n, maxExitCodes))
	}
	ordered := true
	seen := map[int32]bool{}
	for i, v := range codes.Values {
		if codes.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn && v == 0 {
			errs = append(errs, field.Invalid(values.Index(i), v, "must not be 0 for the In operator"))
		}
		if seen[v] {
			errs = append(errs, field.Duplicate(values.Index(i), v))
		}
		seen[v] = true
		if i > 0 && codes.Values[i-1] > v {
			ordered = false
		}
	}
	if !ordered {
		errs = append(errs, field.Invalid(values, codes.Values, "must be ordered"))
	}
	return errs
}

func hasContainer(pod *corev1.PodSpec, name string) bool {
	named := func(c corev1.Container) bool { return c.Name == name }
	return slices.ContainsFunc(pod.Containers, named) || slices.ContainsFunc(pod.InitContainers, named)
}

func validateConditionPatterns(patterns []batchv1.PodFailurePolicyOnPodConditionsPattern, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if n := len(patterns); n > maxConditionPatterns {
		errs = append(errs, field.TooMany(path, n, maxConditionPatterns))
	}
	for i := range patterns {
		for _, msg := range validation.IsQualifiedName(string(patterns[i].Type)) {
			errs = append(errs, field.Invalid(path.Index(i).Child("type"), patterns[i].Type, msg))
		}
		status := path.Index(i).Child("status")
		if patterns[i].Status == "" {
			errs = append(errs, field.Required(status, fmt.Sprintf("valid values: %q", statuses)))
		} else if !slices.Contains(statuses, patterns[i].Status) {
			errs = append(errs, field.NotSupported(status, patterns[i].Status, statuses))
		}
	}
	return errs
}
