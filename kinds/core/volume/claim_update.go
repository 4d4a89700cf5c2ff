package volume

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/podspec"
)

// validateClaimUpdate keeps the spec as it is, but for what changes in a claim's life: it is bound to a
// volume once; a bound one may grow, take another attributes class, and take back growth that failed.
func validateClaimUpdate(obj, old *corev1.PersistentVolumeClaim) field.ErrorList {
	errs := podspec.ValidateClaimSpec(&obj.Spec, field.NewPath("spec"))

	// What may have changed is made equal in copies, and then nothing may differ.
	is, was := obj.Spec.DeepCopy(), old.Spec.DeepCopy()
	if was.VolumeName == "" {
		was.VolumeName = is.VolumeName
	}
	beta, hadBeta := old.Annotations[corev1.BetaStorageClassAnnotation]
	switch {
	case hadBeta && old.Spec.StorageClassName == nil && is.StorageClassName != nil && *is.StorageClassName == beta && !annotated(obj):
		is.StorageClassName = nil // the class has moved from the annotation to the field
	default:
		if now := obj.Annotations[corev1.BetaStorageClassAnnotation]; now != beta {
			errs = append(errs, field.Invalid(field.NewPath("metadata").Child("annotations", corev1.BetaStorageClassAnnotation), now, apivalidation.FieldImmutableErrorMsg))
		}
		if !hadBeta && was.StorageClassName == nil && is.StorageClassName != nil {
			is.StorageClassName = nil // a default class found later is filled in once
		}
	}
	if obj.Status.Phase == corev1.ClaimBound {
		if is.Resources.Requests != nil {
			is.Resources.Requests[corev1.ResourceStorage] = was.Resources.Requests[corev1.ResourceStorage]
		}
		is.VolumeAttributesClassName = was.VolumeAttributesClassName
	}
	if !equality.Semantic.DeepEqual(is, was) {
		errs = append(errs, field.Forbidden(field.NewPath("spec"), fmt.Sprintf(
			"spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n%v",
			diff.Diff(internalname.Value(*was), internalname.Value(*is)))))
	}
	if size := storage(obj.Spec.Resources.Requests); size.Cmp(storage(old.Spec.Resources.Requests)) < 0 && size.Cmp(storage(old.Status.Capacity)) <= 0 {
		errs = append(errs, field.Forbidden(field.NewPath("spec", "resources", "requests", "storage"), "field can not be less than status.capacity"))
	}
	if !equality.Semantic.DeepEqual(obj.Spec.VolumeMode, old.Spec.VolumeMode) {
		errs = append(errs, field.Invalid(field.NewPath("volumeMode"), obj.Spec.VolumeMode, apivalidation.FieldImmutableErrorMsg))
	}
	return append(errs, validateAttributesClassUpdate(obj, old)...)
}

func annotated(obj *corev1.PersistentVolumeClaim) bool {
	_, ok := obj.Annotations[corev1.BetaStorageClassAnnotation]
	return ok
}

func storage(list corev1.ResourceList) resource.Quantity { return list[corev1.ResourceStorage] }

// validateAttributesClassUpdate lets a class be taken away only while no volume has it.
func validateAttributesClassUpdate(obj, old *corev1.PersistentVolumeClaim) field.ErrorList {
	was, is := old.Spec.VolumeAttributesClassName, obj.Spec.VolumeAttributesClassName
	current := old.Status.CurrentVolumeAttributesClassName
	if was == nil || is != nil || current == nil || *current == "" {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("spec", "volumeAttributesClassName"), "update from non-nil value to nil is forbidden")}
}
