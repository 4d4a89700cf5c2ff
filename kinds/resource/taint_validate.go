package resource

import (
	"context"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/operation"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateTaint checks a taint; its effect is declared.
func validateTaint(t *resourcev1.DeviceTaint, path *field.Path) field.ErrorList {
	errs := checkLabelKey(t.Key, path.Child("key"))
	if t.Value != "" {
		errs = append(errs, checkLabelValue(t.Value, path.Child("value"))...)
	}
	return errs
}

// validateRule adds what is declared.
func validateRule(spec, old *resourcev1.DeviceTaintRuleSpec, kind operation.Type) field.ErrorList {
	path := field.NewPath("spec")
	errs := validateTaintRule(spec, old, path)
	return append(errs, declared(kind, func(ctx context.Context, op operation.Operation) field.ErrorList {
		return resourcev1.Validate_DeviceTaintRuleSpec(ctx, op, path, spec, old)
	})...)
}

// validateTaintRule checks which devices a rule taints, and how; old is nil for a new one.
func validateTaintRule(spec, old *resourcev1.DeviceTaintRuleSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if s := spec.DeviceSelector; s != nil {
		path := path.Child("deviceSelector")
		if s.Driver != nil {
			errs = append(errs, validateDriverName(*s.Driver, path.Child("driver"))...)
		}
		if s.Pool != nil {
			errs = append(errs, validatePoolName(*s.Pool, path.Child("pool"))...)
		}
		if s.Device != nil {
			errs = append(errs, checkLabel(*s.Device, path.Child("device"))...)
		}
	}
	if old != nil && old.Taint.Key == spec.Taint.Key && old.Taint.Value == spec.Taint.Value && old.Taint.Effect == spec.Taint.Effect {
		return errs
	}
	return append(errs, validateTaint(&spec.Taint, path.Child("taint"))...)
}

func validateTaintRuleStatus(s *resourcev1.DeviceTaintRuleStatus, path *field.Path) field.ErrorList {
	path = path.Child("conditions")
	if most := resourcev1.DeviceTaintRuleStatusMaxConditions; len(s.Conditions) > most {
		return field.ErrorList{field.TooMany(path, len(s.Conditions), most)}
	}
	return metavalidation.ValidateConditions(s.Conditions, path)
}
