package apps

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func validateDaemonSet(_ kinds.Input, d *appsv1.DaemonSet) field.ErrorList {
	return append(validateTemplateGeneration(d), validateDaemonSetSpec(&d.Spec, nil, selectors.Options{})...)
}

func validateDaemonSetUpdate(_ kinds.Input, d, old *appsv1.DaemonSet) field.ErrorList {
	errs := workload.Immutable(d.Spec.Selector, old.Spec.Selector, specPath.Child("selector"))
	return append(errs, validateDaemonSetSpec(&d.Spec, &old.Spec.Template, selectors.Loosened(old.Spec.Selector))...)
}

func validateDaemonSetSpec(spec *appsv1.DaemonSetSpec, oldTemplate *corev1.PodTemplateSpec, opts selectors.Options) field.ErrorList {
	selector := specPath.Child("selector")
	errs := selectors.Validate(spec.Selector, opts, selector)
	errs = append(errs, selectors.ValidateMatch(spec.Selector, spec.Template.Labels, templatePath.Child("metadata", "labels"))...)
	if selectors.Empty(spec.Selector) {
		errs = append(errs, field.Invalid(selector, spec.Selector, "empty selector is invalid for daemonset"))
	}
	errs = append(errs, workload.ValidateTemplate(&spec.Template, oldTemplate, templatePath)...)
	errs = append(errs, workload.ValidateAlways(&spec.Template, "DaemonSet", templatePath)...)
	errs = append(errs, workload.Nonnegative(spec.MinReadySeconds, specPath.Child("minReadySeconds"))...)
	errs = append(errs, validateDaemonSetStrategy(&spec.UpdateStrategy, specPath.Child("updateStrategy"))...)
	return append(errs, workload.OptionalNonnegative(spec.RevisionHistoryLimit, specPath.Child("revisionHistoryLimit"))...)
}

func validateDaemonSetStrategy(strategy *appsv1.DaemonSetUpdateStrategy, path *field.Path) field.ErrorList {
	switch strategy.Type {
	case appsv1.OnDeleteDaemonSetStrategyType:
		return nil
	case appsv1.RollingUpdateDaemonSetStrategyType:
		rolling := path.Child("rollingUpdate")
		if strategy.RollingUpdate == nil {
			return field.ErrorList{field.Required(rolling, "")}
		}
		return validateRollingDaemonSet(strategy.RollingUpdate, rolling)
	}
	return field.ErrorList{field.NotSupported(path, internalname.Value(*strategy), []appsv1.DaemonSetUpdateStrategyType{
		appsv1.RollingUpdateDaemonSetStrategyType, appsv1.OnDeleteDaemonSetStrategyType})}
}

func validateRollingDaemonSet(rolling *appsv1.RollingUpdateDaemonSet, path *field.Path) field.ErrorList {
	unavailable, surge := path.Child("maxUnavailable"), path.Child("maxSurge")
	errs := workload.IntOrPercent(*rolling.MaxUnavailable, unavailable)
	errs = append(errs, workload.IntOrPercent(*rolling.MaxSurge, surge)...)
	errs = append(errs, workload.AtMostAll(*rolling.MaxUnavailable, unavailable)...)
	errs = append(errs, workload.AtMostAll(*rolling.MaxSurge, surge)...)
	hasUnavailable, hasSurge := workload.Amount(*rolling.MaxUnavailable) != 0, workload.Amount(*rolling.MaxSurge) != 0
	switch {
	case hasUnavailable && hasSurge:
		errs = append(errs, field.Invalid(surge, rolling.MaxSurge, "may not be set when maxUnavailable is non-zero"))
	case !hasUnavailable && !hasSurge:
		errs = append(errs, field.Required(unavailable, "cannot be 0 when maxSurge is 0"))
	}
	return errs
}

func validateDaemonSetStatus(_ kinds.Input, d, old *appsv1.DaemonSet) field.ErrorList {
	s := &d.Status
	errs := workload.Nonnegative(s.CurrentNumberScheduled, statusPath.Child("currentNumberScheduled"))
	errs = append(errs, workload.Nonnegative(s.NumberMisscheduled, statusPath.Child("numberMisscheduled"))...)
	errs = append(errs, workload.Nonnegative(s.DesiredNumberScheduled, statusPath.Child("desiredNumberScheduled"))...)
	errs = append(errs, workload.Nonnegative(s.NumberReady, statusPath.Child("numberReady"))...)
	errs = append(errs, workload.Generation(s.ObservedGeneration, statusPath)...)
	errs = append(errs, workload.Nonnegative(s.UpdatedNumberScheduled, statusPath.Child("updatedNumberScheduled"))...)
	errs = append(errs, workload.Nonnegative(s.NumberAvailable, statusPath.Child("numberAvailable"))...)
	errs = append(errs, workload.Nonnegative(s.NumberUnavailable, statusPath.Child("numberUnavailable"))...)
	errs = append(errs, workload.OptionalNonnegative(s.CollisionCount, statusPath.Child("collisionCount"))...)
	return append(errs, workload.CollisionCount(s.CollisionCount, old.Status.CollisionCount, statusPath.Child("collisionCount"))...)
}
