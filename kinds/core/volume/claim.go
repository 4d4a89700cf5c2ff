// Package volume makes PersistentVolume and PersistentVolumeClaim. Callers: kinds/core.
package volume

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/podspec"
	"github.com/nave-k8s/nave/kinds/quantity"
)

// Claim returns the kind PersistentVolumeClaim.
func Claim() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "PersistentVolumeClaim",
		Plural: "persistentvolumeclaims", Singular: "persistentvolumeclaim", ShortNames: []string{"pvc"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.PersistentVolumeClaim{} },
		NewList: func() runtime.Object { return &corev1.PersistentVolumeClaimList{} },
		Storage: kinds.Storage{Key: "persistentvolumeclaims", APIVersion: "v1"},
		Rules: kinds.For[*corev1.PersistentVolumeClaim]{
			Default: defaultClaim,
			PrepareCreate: func(_ kinds.Input, obj *corev1.PersistentVolumeClaim) {
				obj.Status = corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimPending}
				dropSources(&obj.Spec)
				linkSources(&obj.Spec)
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *corev1.PersistentVolumeClaim) {
				obj.Status = old.Status
				if old.Spec.DataSource != nil && old.Spec.DataSourceRef == nil {
					linkSources(&obj.Spec) // stored before dataSourceRef was known
				}
			},
			Validate: func(_ kinds.Input, obj *corev1.PersistentVolumeClaim) field.ErrorList {
				return podspec.ValidateClaimSpec(&obj.Spec, field.NewPath("spec"))
			},
			ValidateUpdate: func(_ kinds.Input, obj, old *corev1.PersistentVolumeClaim) field.ErrorList {
				return validateClaimUpdate(obj, old)
			},
			Warn:        func(obj, _ *corev1.PersistentVolumeClaim) []string { return warnClaim(obj) },
			ResetFields: []string{"status"},
		}.Rules(),
		Table:        claimTable(),
		Delete:       kinds.Deletion{ReturnsObject: true},
		Subresources: []*kinds.Subresource{claimStatus()},
	}
}

func claimStatus() *kinds.Subresource {
	part := kinds.For[*corev1.PersistentVolumeClaim]{
		PrepareUpdate: func(_ kinds.Input, obj, old *corev1.PersistentVolumeClaim) { obj.Spec = old.Spec },
		ValidateUpdate: func(_ kinds.Input, obj, _ *corev1.PersistentVolumeClaim) field.ErrorList {
			return validateClaimStatus(obj)
		},
		ResetFields: []string{"spec"},
	}.Rules()
	return &kinds.Subresource{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &part}
}

func defaultClaim(obj *corev1.PersistentVolumeClaim) {
	if obj.Status.Phase == "" {
		obj.Status.Phase = corev1.ClaimPending
	}
	podspec.DefaultClaimSpec(&obj.Spec)
	quantity.RoundUp(obj.Status.Capacity)
	quantity.RoundUp(obj.Status.AllocatedResources)
}

// dropSources drops what a claim cannot be made from: dataSource was always so, and a dataSourceRef into
// another namespace needs CrossNamespaceVolumeDataSource, which is off.
func dropSources(spec *corev1.PersistentVolumeClaimSpec) {
	if s := spec.DataSource; s != nil {
		group := ""
		if s.APIGroup != nil {
			group = *s.APIGroup
		}
		claim := group == "" && s.Kind == "PersistentVolumeClaim"
		snapshot := group == "snapshot.storage.k8s.io" && s.Kind == "VolumeSnapshot"
		if !claim && !snapshot {
			spec.DataSource = nil
		}
	}
	if ref := spec.DataSourceRef; ref != nil && ref.Namespace != nil && *ref.Namespace != "" {
		spec.DataSourceRef = nil
	}
}

// linkSources copies dataSource and dataSourceRef to each other where one is missing.
func linkSources(spec *corev1.PersistentVolumeClaimSpec) {
	switch src, ref := spec.DataSource, spec.DataSourceRef; {
	case src != nil && ref == nil:
		spec.DataSourceRef = &corev1.TypedObjectReference{APIGroup: src.APIGroup, Kind: src.Kind, Name: src.Name}
	case src == nil && ref != nil && (ref.Namespace == nil || *ref.Namespace == ""):
		spec.DataSource = &corev1.TypedLocalObjectReference{APIGroup: ref.APIGroup, Kind: ref.Kind, Name: ref.Name}
	}
}
