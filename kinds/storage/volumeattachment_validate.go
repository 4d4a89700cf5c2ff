package storage

import (
	"context"
	"math"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/api/validate"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// Bounds of what an attacher may report, in bytes.
const (
	maxAttachmentMetadata = 256 * 1024
	maxVolumeError        = 1024
)

func validateVolumeAttachment(_ kinds.Input, obj *storagev1.VolumeAttachment) field.ErrorList {
	errs := validateAttachment(obj)
	if name := obj.Spec.Source.PersistentVolumeName; name != nil {
		for _, msg := range validation.IsDNS1123Subdomain(*name) {
			errs = append(errs, field.Invalid(field.NewPath("spec.source.persistentVolumeName"), *name, msg))
		}
	}
	return append(errs, validateAttacher(obj.Spec.Attacher)...)
}

// validateAttacher holds the rules of the driver's name, which upstream declares on the type.
func validateAttacher(name string) field.ErrorList {
	ctx, path := context.Background(), field.NewPath("spec", "attacher")
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	errs := validate.LongNameCaseless(ctx, operation.Operation{}, path, &name, nil)
	return append(errs, validate.MaxLength(ctx, operation.Operation{}, path, &name, nil, maxDriverNameLength)...)
}

// validateAttachment is what a create and an update have in common.
func validateAttachment(obj *storagev1.VolumeAttachment) field.ErrorList {
	const one = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
	var errs field.ErrorList
	path := field.NewPath("spec", "source")
	switch source := obj.Spec.Source; {
	case source.InlineVolumeSpec == nil && source.PersistentVolumeName == nil:
		errs = append(errs, field.Required(path, one))
	case source.InlineVolumeSpec != nil && source.PersistentVolumeName != nil:
		errs = append(errs, field.Forbidden(path, one))
	case source.PersistentVolumeName != nil && *source.PersistentVolumeName == "":
		errs = append(errs, field.Required(path.Child("persistentVolumeName"), "must specify non empty persistentVolumeName"))
	}
	for _, msg := range validation.IsDNS1123Subdomain(obj.Spec.NodeName) {
		errs = append(errs, field.Invalid(field.NewPath("spec", "nodeName"), obj.Spec.NodeName, msg))
	}
	status := field.NewPath("status")
	size := 0
	for k, v := range obj.Status.AttachmentMetadata {
		size += len(k) + len(v)
	}
	if size > maxAttachmentMetadata {
		errs = append(errs, field.TooLong(status.Child("attachmentMetadata"), "", maxAttachmentMetadata))
	}
	errs = append(errs, validateVolumeError(obj.Status.AttachError, status.Child("attachError"))...)
	return append(errs, validateVolumeError(obj.Status.DetachError, status.Child("detachError"))...)
}

func validateVolumeError(e *storagev1.VolumeError, path *field.Path) field.ErrorList {
	if e == nil {
		return nil
	}
	var errs field.ErrorList
	if len(e.Message) > maxVolumeError {
		// The bound that upstream names here is the other one.
		errs = append(errs, field.TooLong(path.Child("message"), "", maxAttachmentMetadata))
	}
	if e.ErrorCode != nil && *e.ErrorCode < 0 {
		errs = append(errs, field.Invalid(path.Child("errorCode"), *e.ErrorCode, validation.InclusiveRangeError(0, math.MaxInt32)))
	}
	return errs
}

func validateVolumeAttachmentUpdate(_ kinds.Input, obj, old *storagev1.VolumeAttachment) field.ErrorList {
	errs := validateAttachment(obj)
	if equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
		return errs
	}
	errs = append(errs, field.Invalid(field.NewPath("spec"), nil, "field is immutable"))
	if obj.Spec.Attacher != old.Spec.Attacher {
		errs = append(errs, validateAttacher(obj.Spec.Attacher)...)
	}
	return errs
}
