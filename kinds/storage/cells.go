package storage

import (
	"strings"
	"time"

	storagev1 "k8s.io/api/storage/v1"

	"github.com/nave-k8s/nave/kinds/cells"
)

func csiDriverCells(obj *storagev1.CSIDriver, now time.Time) []any {
	modes := "<none>"
	if len(obj.Spec.VolumeLifecycleModes) > 0 {
		names := make([]string, len(obj.Spec.VolumeLifecycleModes))
		for i, m := range obj.Spec.VolumeLifecycleModes {
			names[i] = string(m)
		}
		modes = strings.Join(names, ",")
	}
	tokens := "<unset>"
	if obj.Spec.TokenRequests != nil {
		audiences := make([]string, len(obj.Spec.TokenRequests))
		for i, t := range obj.Spec.TokenRequests {
			audiences[i] = t.Audience
		}
		tokens = strings.Join(audiences, ",")
	}
	isTrue := func(b *bool) bool { return b != nil && *b }
	return []any{
		obj.Name,
		obj.Spec.AttachRequired == nil || *obj.Spec.AttachRequired,
		isTrue(obj.Spec.PodInfoOnMount),
		isTrue(obj.Spec.StorageCapacity),
		tokens,
		isTrue(obj.Spec.RequiresRepublish),
		modes,
		cells.Age(obj.CreationTimestamp, now),
	}
}

func storageClassCells(obj *storagev1.StorageClass, now time.Time) []any {
	reclaim, binding, expand := "Delete", "Immediate", false
	if obj.ReclaimPolicy != nil {
		reclaim = string(*obj.ReclaimPolicy)
	}
	if obj.VolumeBindingMode != nil {
		binding = string(*obj.VolumeBindingMode)
	}
	if obj.AllowVolumeExpansion != nil {
		expand = *obj.AllowVolumeExpansion
	}
	return []any{obj.Name, obj.Provisioner, reclaim, binding, expand, cells.Age(obj.CreationTimestamp, now)}
}
