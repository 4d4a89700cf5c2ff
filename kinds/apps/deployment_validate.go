package apps

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func validateDeployment(_ kinds.Input, d *appsv1.Deployment) field.ErrorList {
	return validateDeploymentSpec(d, nil)
}

func validateDeploymentUpdate(_ kinds.Input, d, old *appsv1.Deployment) field.ErrorList {
	errs := validateDeploymentSpec(d, &old.Spec.Template)
	return append(errs, workload.Immutable(d.Spec.Selector, old.Spec.Selector, specPath.Child("selector"))...)
}

func validateDeploymentSpec(d *appsv1.Deployment, oldTemplate *corev1.PodTemplateSpec) field.ErrorList {
	spec := &d.Spec
	errs := workload.OptionalNonnegative(spec.Replicas, specPath.Child("replicas"))
	errs = append(errs, validateSelector(spec.Selector, selectors.Options{}, "deployment", specPath.Child("selector"))...)
	if selectors.Parses(spec.Selector) {
		errs = append(errs, workload.ValidateSelected(&spec.Template, oldTemplate, spec.Selector, "ReplicaSet", templatePath)...)
	}
	errs = append(errs, validateDeploymentStrategy(&spec.Strategy, specPath.Child("strategy"))...)
	errs = append(errs, workload.Nonnegative(spec.MinReadySeconds, specPath.Child("minReadySeconds"))...)
	errs = append(errs, workload.OptionalNonnegative(spec.RevisionHistoryLimit, specPath.Child("revisionHistoryLimit"))...)
	errs = append(errs, validateRollback(d.Annotations[appsv1.DeprecatedRollbackTo])...)
	if deadline := spec.ProgressDeadlineSeconds; deadline != nil {
		path := specPath.Child("progressDeadlineSeconds")
		errs = append(errs, workload.Nonnegative(*deadline, path)...)
		if *deadline <= spec.MinReadySeconds {
			errs = append(errs, field.Invalid(path, *deadline, "must be greater than minReadySeconds"))
		}
	}
	return errs
}

func validateDeploymentStrategy(strategy *appsv1.DeploymentStrategy, path *field.Path) field.ErrorList {
	rolling := path.Child("rollingUpdate")
	switch strategy.Type {
	case appsv1.RecreateDeploymentStrategyType:
		if strategy.RollingUpdate != nil {
			return field.ErrorList{field.Forbidden(rolling, "may not be specified when strategy `type` is 'Recreate'")}
		}
		return nil
	case appsv1.RollingUpdateDeploymentStrategyType:
		if strategy.RollingUpdate == nil {
			return field.ErrorList{field.Required(rolling, "this should be defaulted and never be nil")}
		}
		return validateRollingDeployment(strategy.RollingUpdate, rolling)
	}
	return field.ErrorList{field.NotSupported(path, internalname.Value(*strategy), []appsv1.DeploymentStrategyType{
		appsv1.RecreateDeploymentStrategyType, appsv1.RollingUpdateDeploymentStrategyType})}
}

func validateRollingDeployment(rolling *appsv1.RollingUpdateDeployment, path *field.Path) field.ErrorList {
	unavailable, surge := path.Child("maxUnavailable"), path.Child("maxSurge")
	errs := workload.IntOrPercent(*rolling.MaxUnavailable, unavailable)
	errs = append(errs, workload.IntOrPercent(*rolling.MaxSurge, surge)...)
	if workload.Amount(*rolling.MaxUnavailable) == 0 && workload.Amount(*rolling.MaxSurge) == 0 {
		errs = append(errs, field.Invalid(unavailable, rolling.MaxUnavailable, "may not be 0 when `maxSurge` is 0"))
	}
	return append(errs, workload.AtMostAll(*rolling.MaxUnavailable, unavailable)...)
}

// validateRollback checks the annotation that once asked for a rollback. It used to be a field.
func validateRollback(revision string) field.ErrorList {
	n, err := strconv.ParseInt(revision, 10, 64)
	if err != nil || n >= 0 {
		return nil
	}
	return field.ErrorList{field.Invalid(specPath.Child("rollback", "version"), n, "must be greater than or equal to 0")}
}

func validateDeploymentStatus(_ kinds.Input, d, old *appsv1.Deployment) field.ErrorList {
	s := &d.Status
	errs := workload.Generation(s.ObservedGeneration, statusPath)
	errs = append(errs, workload.Nonnegative(s.Replicas, statusPath.Child("replicas"))...)
	errs = append(errs, workload.Nonnegative(s.UpdatedReplicas, statusPath.Child("updatedReplicas"))...)
	errs = append(errs, workload.Nonnegative(s.ReadyReplicas, statusPath.Child("readyReplicas"))...)
	errs = append(errs, workload.Nonnegative(s.AvailableReplicas, statusPath.Child("availableReplicas"))...)
	errs = append(errs, workload.Nonnegative(s.UnavailableReplicas, statusPath.Child("unavailableReplicas"))...)
	errs = append(errs, workload.OptionalNonnegative(s.TerminatingReplicas, statusPath.Child("terminatingReplicas"))...)
	errs = append(errs, workload.OptionalNonnegative(s.CollisionCount, statusPath.Child("collisionCount"))...)
	errs = append(errs, workload.NotAbove(s.UpdatedReplicas, s.Replicas, statusPath.Child("updatedReplicas"), aboveReplicas)...)
	errs = append(errs, workload.NotAbove(s.ReadyReplicas, s.Replicas, statusPath.Child("readyReplicas"), aboveReplicas)...)
	errs = append(errs, workload.NotAbove(s.AvailableReplicas, s.Replicas, statusPath.Child("availableReplicas"), aboveReplicas)...)
	errs = append(errs, workload.NotAbove(s.AvailableReplicas, s.ReadyReplicas, statusPath.Child("availableReplicas"), "cannot be greater than readyReplicas")...)
	return append(errs, workload.CollisionCount(s.CollisionCount, old.Status.CollisionCount, statusPath.Child("collisionCount"))...)
}

const aboveReplicas = "cannot be greater than status.replicas"
