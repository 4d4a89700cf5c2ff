package apps

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func validateStatefulSet(_ kinds.Input, s *appsv1.StatefulSet) field.ErrorList {
	return validateStatefulSetSpec(&s.Spec, nil)
}

func validateStatefulSetUpdate(_ kinds.Input, s, old *appsv1.StatefulSet) field.ErrorList {
	errs := validateStatefulSetSpec(&s.Spec, &old.Spec)
	errs = append(errs, workload.Immutable(s.Spec.Selector, old.Spec.Selector, specPath.Child("selector"))...)
	errs = append(errs, workload.Immutable(s.Spec.ServiceName, old.Spec.ServiceName, specPath.Child("serviceName"))...)
	errs = append(errs, workload.Immutable(untyped(s.Spec.VolumeClaimTemplates), untyped(old.Spec.VolumeClaimTemplates), specPath.Child("volumeClaimTemplates"))...)
	return append(errs, workload.Immutable(s.Spec.PodManagementPolicy, old.Spec.PodManagementPolicy, specPath.Child("podManagementPolicy"))...)
}

// validateStatefulSetSpec checks a spec; of an update, parts that did not change are not checked again.
func validateStatefulSetSpec(spec, old *appsv1.StatefulSetSpec) field.ErrorList {
	errs := validatePodManagement(spec.PodManagementPolicy)
	errs = append(errs, validateStatefulSetStrategy(&spec.UpdateStrategy, specPath.Child("updateStrategy"))...)
	errs = append(errs, validateRetention(spec.PersistentVolumeClaimRetentionPolicy, specPath.Child("persistentVolumeClaimRetentionPolicy"))...)
	errs = append(errs, workload.OptionalNonnegative(spec.Replicas, specPath.Child("replicas"))...)
	errs = append(errs, workload.Nonnegative(spec.MinReadySeconds, specPath.Child("minReadySeconds"))...)
	if spec.Ordinals != nil {
		errs = append(errs, workload.Nonnegative(spec.Ordinals.Start, specPath.Child("ordinals.start"))...)
	}
	if spec.ServiceName != "" && (old == nil || old.ServiceName != spec.ServiceName) {
		for _, msg := range validation.IsDNS1123Label(spec.ServiceName) {
			errs = append(errs, field.Invalid(specPath.Child("serviceName"), spec.ServiceName, msg))
		}
	}
	var opts selectors.Options
	var oldTemplate *corev1.PodTemplateSpec
	if old != nil {
		opts, oldTemplate = selectors.Loosened(old.Selector), &old.Template
	}
	errs = append(errs, validateSelector(spec.Selector, opts, "statefulset", specPath.Child("selector"))...)
	if selectors.Parses(spec.Selector) {
		errs = append(errs, selectors.ValidateMatch(spec.Selector, spec.Template.Labels, templatePath.Child("metadata", "labels"))...)
		if old == nil || workload.Changed(spec.Template, old.Template) {
			errs = append(errs, workload.ValidateTemplate(&spec.Template, oldTemplate, templatePath)...)
		}
	}
	errs = append(errs, workload.ValidateAlways(&spec.Template, "StatefulSet", templatePath)...)
	if old == nil || workload.Changed(untyped(spec.VolumeClaimTemplates), untyped(old.VolumeClaimTemplates)) {
		for i := range spec.VolumeClaimTemplates {
			errs = append(errs, workload.ValidateClaimSpec(&spec.VolumeClaimTemplates[i].Spec, claimPath(i))...)
		}
	}
	return errs
}

func claimPath(i int) *field.Path {
	return specPath.Child("volumeClaimTemplates").Index(i).Child("spec")
}

// untyped is the claims without apiVersion and kind, which only decorate them.
func untyped(claims []corev1.PersistentVolumeClaim) []corev1.PersistentVolumeClaim {
	if claims == nil {
		return nil
	}
	out := make([]corev1.PersistentVolumeClaim, len(claims))
	for i := range claims {
		out[i] = claims[i]
		out[i].APIVersion, out[i].Kind = "", ""
	}
	return out
}

func validatePodManagement(policy appsv1.PodManagementPolicyType) field.ErrorList {
	path := specPath.Child("podManagementPolicy")
	switch policy {
	case appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement:
		return nil
	case "":
		return field.ErrorList{field.Required(path, "")}
	}
	return field.ErrorList{field.Invalid(path, policy, fmt.Sprintf("must be '%s' or '%s'", appsv1.OrderedReadyPodManagement, appsv1.ParallelPodManagement))}
}

func validateStatefulSetStrategy(strategy *appsv1.StatefulSetUpdateStrategy, path *field.Path) field.ErrorList {
	rolling := path.Child("rollingUpdate")
	switch strategy.Type {
	case "":
		return field.ErrorList{field.Required(path, "")}
	case appsv1.OnDeleteStatefulSetStrategyType:
		if strategy.RollingUpdate != nil {
			return field.ErrorList{field.Invalid(rolling, internalname.Value(strategy.RollingUpdate),
				fmt.Sprintf("only allowed for updateStrategy '%s'", appsv1.RollingUpdateStatefulSetStrategyType))}
		}
		return nil
	case appsv1.RollingUpdateStatefulSetStrategyType:
		if strategy.RollingUpdate != nil {
			return validateRollingStatefulSet(strategy.RollingUpdate, rolling)
		}
		return nil
	}
	return field.ErrorList{field.Invalid(path, internalname.Value(*strategy), fmt.Sprintf("must be '%s' or '%s'",
		appsv1.RollingUpdateStatefulSetStrategyType, appsv1.OnDeleteStatefulSetStrategyType))}
}

func validateRollingStatefulSet(rolling *appsv1.RollingUpdateStatefulSetStrategy, path *field.Path) field.ErrorList {
	errs := workload.OptionalNonnegative(rolling.Partition, path.Child("partition"))
	if rolling.MaxUnavailable != nil {
		unavailable := path.Child("maxUnavailable")
		errs = append(errs, workload.IntOrPercent(*rolling.MaxUnavailable, unavailable)...)
		if workload.Amount(*rolling.MaxUnavailable) == 0 {
			errs = append(errs, field.Invalid(unavailable, *rolling.MaxUnavailable, "cannot be 0"))
		}
		errs = append(errs, workload.AtMostAll(*rolling.MaxUnavailable, unavailable)...)
	}
	return errs
}

func validateRetention(policy *appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy, path *field.Path) field.ErrorList {
	if policy == nil {
		return nil
	}
	errs := validateRetentionType(policy.WhenDeleted, path.Child("whenDeleted"))
	return append(errs, validateRetentionType(policy.WhenScaled, path.Child("whenScaled"))...)
}

func validateRetentionType(t appsv1.PersistentVolumeClaimRetentionPolicyType, path *field.Path) field.ErrorList {
	switch t {
	case appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType:
		return nil
	case "":
		return field.ErrorList{field.Required(path, "")}
	}
	return field.ErrorList{field.NotSupported(path, t, []appsv1.PersistentVolumeClaimRetentionPolicyType{
		appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType})}
}

func validateStatefulSetStatus(_ kinds.Input, set, old *appsv1.StatefulSet) field.ErrorList {
	s := &set.Status
	errs := workload.Nonnegative(s.Replicas, statusPath.Child("replicas"))
	errs = append(errs, workload.Nonnegative(s.ReadyReplicas, statusPath.Child("readyReplicas"))...)
	errs = append(errs, workload.Nonnegative(s.CurrentReplicas, statusPath.Child("currentReplicas"))...)
	errs = append(errs, workload.Nonnegative(s.UpdatedReplicas, statusPath.Child("updatedReplicas"))...)
	errs = append(errs, workload.Nonnegative(s.AvailableReplicas, statusPath.Child("availableReplicas"))...)
	errs = append(errs, workload.Generation(s.ObservedGeneration, statusPath)...)
	errs = append(errs, workload.OptionalNonnegative(s.CollisionCount, statusPath.Child("collisionCount"))...)
	errs = append(errs, workload.NotAbove(s.ReadyReplicas, s.Replicas, statusPath.Child("readyReplicas"), aboveReplicas)...)
	errs = append(errs, workload.NotAbove(s.CurrentReplicas, s.Replicas, statusPath.Child("currentReplicas"), aboveReplicas)...)
	errs = append(errs, workload.NotAbove(s.UpdatedReplicas, s.Replicas, statusPath.Child("updatedReplicas"), aboveReplicas)...)
	errs = append(errs, workload.NotAbove(s.AvailableReplicas, s.Replicas, statusPath.Child("availableReplicas"), aboveReplicas)...)
	errs = append(errs, workload.NotAbove(s.AvailableReplicas, s.ReadyReplicas, statusPath.Child("availableReplicas"), "cannot be greater than status.readyReplicas")...)
	return append(errs, workload.CollisionCount(s.CollisionCount, old.Status.CollisionCount, statusPath.Child("collisionCount"))...)
}
