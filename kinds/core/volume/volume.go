package volume

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// Volume returns the kind PersistentVolume.
func Volume() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "PersistentVolume",
		Plural: "persistentvolumes", Singular: "persistentvolume", ShortNames: []string{"pv"},
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.PersistentVolume{} },
		NewList: func() runtime.Object { return &corev1.PersistentVolumeList{} },
		Storage: kinds.Storage{Key: "persistentvolumes", APIVersion: "v1"},
		Rules: kinds.For[*corev1.PersistentVolume]{
			Default: defaultVolume,
			PrepareCreate: func(in kinds.Input, obj *corev1.PersistentVolume) {
				now := metav1.NewTime(in.Now)
				obj.Status = corev1.PersistentVolumeStatus{Phase: corev1.VolumePending, LastPhaseTransitionTime: &now}
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *corev1.PersistentVolume) { obj.Status = old.Status },
			Validate: func(_ kinds.Input, obj *corev1.PersistentVolume) field.ErrorList {
				return validateVolume(obj)
			},
			ValidateUpdate: func(_ kinds.Input, obj, old *corev1.PersistentVolume) field.ErrorList {
				return validateVolumeUpdate(obj, old)
			},
			Warn:        func(obj, _ *corev1.PersistentVolume) []string { return warnVolume(obj) },
			ResetFields: []string{"status"},
		}.Rules(),
		Table:        volumeTable(),
		Delete:       kinds.Deletion{ReturnsObject: true},
		Subresources: []*kinds.Subresource{volumeStatus()},
	}
}

func volumeStatus() *kinds.Subresource {
	part := kinds.For[*corev1.PersistentVolume]{
		PrepareUpdate: func(in kinds.Input, obj, old *corev1.PersistentVolume) {
			obj.Spec = old.Spec
			is, was := &obj.Status, &old.Status
			switch changed := is.Phase != was.Phase; {
			case changed && (is.LastPhaseTransitionTime == nil || is.LastPhaseTransitionTime.Equal(was.LastPhaseTransitionTime)):
				now := metav1.NewTime(in.Now)
				is.LastPhaseTransitionTime = &now
			case !changed && is.LastPhaseTransitionTime == nil:
				is.LastPhaseTransitionTime = was.LastPhaseTransitionTime
			}
		},
		ResetFields: []string{"spec"},
	}.Rules()
	return &kinds.Subresource{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &part}
}
