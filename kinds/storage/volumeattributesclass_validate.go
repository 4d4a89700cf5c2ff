package storage

import (
	"maps"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

func validateVolumeAttributesClass(_ kinds.Input, obj *storagev1.VolumeAttributesClass) field.ErrorList {
	var errs field.ErrorList
	if obj.DriverName == "" {
		errs = append(errs, field.Required(field.NewPath("driverName"), ""))
	} else {
		errs = append(errs, validateQualified(obj.DriverName, field.NewPath("driverName"))...)
	}
	path := field.NewPath("parameters")
	errs = append(errs, validateParameters(obj.Parameters, path)...)
	if len(obj.Parameters) == 0 {
		errs = append(errs, field.Required(path, "must contain at least one key/value pair"))
	}
	return errs
}

func validateVolumeAttributesClassUpdate(in kinds.Input, obj, old *storagev1.VolumeAttributesClass) field.ErrorList {
	var errs field.ErrorList
	if obj.DriverName != old.DriverName {
		errs = append(errs, field.Forbidden(field.NewPath("driverName"), "updates to driverName are forbidden."))
	}
	if !maps.Equal(obj.Parameters, old.Parameters) {
		errs = append(errs, field.Forbidden(field.NewPath("parameters"), "updates to parameters are forbidden."))
	}
	return append(errs, validateVolumeAttributesClass(in, obj)...)
}
