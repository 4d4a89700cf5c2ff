package autoscaling

import (
	"errors"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateSpec checks a spec; old is the stored one, nil on create. The rules on the two numbers alone are
// reported last.
func validateSpec(spec, old *autoscalingv2.HorizontalPodAutoscalerSpec) field.ErrorList {
	var errs field.ErrorList
	if spec.MinReplicas != nil && spec.MaxReplicas < *spec.MinReplicas {
		errs = append(errs, field.Invalid(specPath.Child("maxReplicas"), spec.MaxReplicas, "must be greater than or equal to `minReplicas`"))
	}
	target := refOptions{}
	object := refOptions{coreGroup: true}
	if old != nil {
		target.anyVersion = checkAPIVersion(&old.ScaleTargetRef, target) != nil
		for i := range old.Metrics {
			if m := old.Metrics[i].Object; m != nil && checkAPIVersion(&m.DescribedObject, object) != nil {
				object.anyVersion = true
				break
			}
		}
	}
	errs = append(errs, validateRef(&spec.ScaleTargetRef, target, specPath.Child("scaleTargetRef"))...)
	errs = append(errs, validateMetrics(spec, object, specPath.Child("metrics"))...)
	if b := spec.Behavior; b != nil {
		errs = append(errs, validateScaling(b.ScaleUp, specPath.Child("behavior", "scaleUp"))...)
		errs = append(errs, validateScaling(b.ScaleDown, specPath.Child("behavior", "scaleDown"))...)
	}
	return append(errs, validateBounds(spec)...)
}

func validateBounds(spec *autoscalingv2.HorizontalPodAutoscalerSpec) field.ErrorList {
	var errs field.ErrorList
	if n := spec.MinReplicas; n != nil && *n < 0 {
		errs = append(errs, field.Invalid(specPath.Child("minReplicas"), *n, "must be greater than or equal to 0"))
	}
	switch n := spec.MaxReplicas; {
	case n == 0:
		errs = append(errs, field.Required(specPath.Child("maxReplicas"), ""))
	case n < 0:
		errs = append(errs, field.Invalid(specPath.Child("maxReplicas"), n, "must be greater than or equal to 1"))
	}
	return errs
}

// refOptions loosen what a reference must say.
type refOptions struct {
	coreGroup  bool // apiVersion may be of the core group, or absent
	anyVersion bool // it may be anything: the stored object has such a one
}

func validateRef(ref *autoscalingv2.CrossVersionObjectReference, opts refOptions, at *field.Path) field.ErrorList {
	errs := validateSegment(ref.Kind, "", at.Child("kind"))
	errs = append(errs, validateSegment(ref.Name, "", at.Child("name"))...)
	if !opts.anyVersion {
		if err := checkAPIVersion(ref, opts); err != nil {
			errs = append(errs, field.Invalid(at.Child("apiVersion"), ref.APIVersion, err.Error()))
		}
	}
	return errs
}

// validateSegment checks a text that becomes a part of a URL's path.
func validateSegment(text, required string, at *field.Path) field.ErrorList {
	if text == "" {
		return field.ErrorList{field.Required(at, required)}
	}
	var errs field.ErrorList
	for _, msg := range path.IsValidPathSegmentName(text) {
		errs = append(errs, field.Invalid(at, text, msg))
	}
	return errs
}

// checkAPIVersion says what is wrong with a reference's apiVersion. Of the core group only
// ReplicationController can be scaled.
func checkAPIVersion(ref *autoscalingv2.CrossVersionObjectReference, opts refOptions) error {
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		return err
	}
	if gv.Group == "" && !opts.coreGroup && ref.Kind != "ReplicationController" {
		return errors.New("apiVersion must specify API group")
	}
	return nil
}
