package policy

import (
	policyv1 "k8s.io/api/policy/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func validateBudget(_ kinds.Input, b *policyv1.PodDisruptionBudget) field.ErrorList {
	return validateBudgetSpec(&b.Spec, selectors.Options{})
}

func validateBudgetUpdate(_ kinds.Input, b, old *policyv1.PodDisruptionBudget) field.ErrorList {
	return validateBudgetSpec(&b.Spec, selectors.Loosened(old.Spec.Selector))
}

func validateBudgetSpec(spec *policyv1.PodDisruptionBudgetSpec, opts selectors.Options) field.ErrorList {
	var errs field.ErrorList
	if spec.MinAvailable != nil && spec.MaxUnavailable != nil {
		errs = append(errs, field.Invalid(specPath, internalname.Value(*spec), "minAvailable and maxUnavailable cannot be both set"))
	}
	errs = append(errs, validateLimit(spec.MinAvailable, specPath.Child("minAvailable"))...)
	errs = append(errs, validateLimit(spec.MaxUnavailable, specPath.Child("maxUnavailable"))...)
	errs = append(errs, selectors.Validate(spec.Selector, opts, specPath.Child("selector"))...)
	if p := spec.UnhealthyPodEvictionPolicy; p != nil && *p != policyv1.AlwaysAllow && *p != policyv1.IfHealthyBudget {
		errs = append(errs, field.NotSupported(specPath.Child("unhealthyPodEvictionPolicy"), *p,
			[]policyv1.UnhealthyPodEvictionPolicyType{policyv1.AlwaysAllow, policyv1.IfHealthyBudget}))
	}
	return errs
}

func validateLimit(n *intstr.IntOrString, path *field.Path) field.ErrorList {
	if n == nil {
		return nil
	}
	return append(workload.IntOrPercent(*n, path), workload.AtMostAll(*n, path)...)
}

func validateBudgetStatus(_ kinds.Input, b, _ *policyv1.PodDisruptionBudget) field.ErrorList {
	s := &b.Status
	errs := metav1validation.ValidateConditions(s.Conditions, statusPath.Child("conditions"))
	errs = append(errs, workload.Nonnegative(s.DisruptionsAllowed, statusPath.Child("disruptionsAllowed"))...)
	errs = append(errs, workload.Nonnegative(s.CurrentHealthy, statusPath.Child("currentHealthy"))...)
	errs = append(errs, workload.Nonnegative(s.DesiredHealthy, statusPath.Child("desiredHealthy"))...)
	return append(errs, workload.Nonnegative(s.ExpectedPods, statusPath.Child("expectedPods"))...)
}
