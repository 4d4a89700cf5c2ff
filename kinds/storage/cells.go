package storage

import (
	"strings"
	"time"

	storagev1 "k8s.io/api/storage/v1"

	"github.com/nave-k8s/nave/kinds"
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

// storageClassRows marks the class that claims without one get: of the default ones the newest, of
// equally new ones the first by name.
func storageClassRows(objs []kinds.Object, now time.Time) [][]any {
	var marked *storagev1.StorageClass
	rows, chosen := make([][]any, len(objs)), 0
	for i, o := range objs {
		class := o.(*storagev1.StorageClass)
		rows[i] = storageClassCells(class, now)
		if isDefault(class) && (marked == nil || newer(class, marked)) {
			marked, chosen = class, i
		}
	}
	if marked != nil {
		rows[chosen][0] = marked.Name + " (default)"
	}
	return rows
}

func isDefault(class *storagev1.StorageClass) bool {
	return class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" ||
		class.Annotations["storageclass.beta.kubernetes.io/is-default-class"] == "true"
}

func newer(a, b *storagev1.StorageClass) bool {
	if a.CreationTimestamp.Unix() == b.CreationTimestamp.Unix() {
		return a.Name < b.Name
	}
	return a.CreationTimestamp.After(b.CreationTimestamp.Time)
}
