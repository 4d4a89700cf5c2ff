package apps

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/nave-k8s/nave/kinds/workload"
)

func defaultStatefulSet(s *appsv1.StatefulSet) {
	workload.DefaultTemplate(&s.Spec.Template)
	nameClaims(s)
	for i := range s.Spec.VolumeClaimTemplates {
		defaultClaimTemplate(&s.Spec.VolumeClaimTemplates[i])
	}
	if s.Spec.PodManagementPolicy == "" {
		s.Spec.PodManagementPolicy = appsv1.OrderedReadyPodManagement
	}
	strategy := &s.Spec.UpdateStrategy
	if strategy.Type == "" {
		strategy.Type = appsv1.RollingUpdateStatefulSetStrategyType
		if strategy.RollingUpdate == nil {
			strategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{}
		}
	}
	if strategy.Type == appsv1.RollingUpdateStatefulSetStrategyType && strategy.RollingUpdate != nil {
		set(&strategy.RollingUpdate.Partition, 0)
		set(&strategy.RollingUpdate.MaxUnavailable, intstr.FromInt32(1))
	}
	if s.Spec.PersistentVolumeClaimRetentionPolicy == nil {
		s.Spec.PersistentVolumeClaimRetentionPolicy = &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{}
	}
	retention := s.Spec.PersistentVolumeClaimRetentionPolicy
	if retention.WhenDeleted == "" {
		retention.WhenDeleted = appsv1.RetainPersistentVolumeClaimRetentionPolicyType
	}
	if retention.WhenScaled == "" {
		retention.WhenScaled = appsv1.RetainPersistentVolumeClaimRetentionPolicyType
	}
	set(&s.Spec.Replicas, 1)
	set(&s.Spec.RevisionHistoryLimit, 10)
}

// nameClaims says what the templates of claims are, which stored bytes do not: appliers that compare
// objects field by field rely on it.
func nameClaims(s *appsv1.StatefulSet) {
	for i := range s.Spec.VolumeClaimTemplates {
		s.Spec.VolumeClaimTemplates[i].APIVersion = "v1"
		s.Spec.VolumeClaimTemplates[i].Kind = "PersistentVolumeClaim"
	}
}

// defaultClaimTemplate fills in a claim as if it stood alone.
func defaultClaimTemplate(claim *corev1.PersistentVolumeClaim) {
	if claim.Status.Phase == "" {
		claim.Status.Phase = corev1.ClaimPending
	}
	workload.DefaultClaimSpec(&claim.Spec)
	roundUp(claim.Status.Capacity)
	roundUp(claim.Status.AllocatedResources)
}

// roundUp cuts amounts to thousandths, the finest that is stored.
func roundUp(list corev1.ResourceList) {
	for name, amount := range list {
		const milli = -3
		amount.RoundUp(milli)
		list[name] = amount
	}
}
