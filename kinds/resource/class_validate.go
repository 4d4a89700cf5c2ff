package resource

import (
	"context"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/api/validate"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// anyName accepts every name: the rule for those of classes is declared, so it comes after the others.
func anyName(string, bool) []string { return nil }

func validateNewClass(class *resourcev1.DeviceClass) field.ErrorList {
	errs := validateClass(&class.Spec, false, false)
	return append(errs, declared(operation.Create, func(ctx context.Context, op operation.Operation) field.ErrorList {
		errs := validate.LongName(ctx, op, field.NewPath("metadata", "name"), &class.Name, nil)
		return append(errs, resourcev1.Validate_DeviceClassSpec(ctx, op, field.NewPath("spec"), &class.Spec, nil)...)
	})...)
}

func validateClassUpdate(class, old *resourcev1.DeviceClass) field.ErrorList {
	errs := validateClass(&class.Spec,
		equality.Semantic.DeepEqual(class.Spec.Selectors, old.Spec.Selectors),
		equality.Semantic.DeepEqual(class.Spec.Config, old.Spec.Config))
	return append(errs, declared(operation.Update, func(ctx context.Context, op operation.Operation) field.ErrorList {
		return resourcev1.Validate_DeviceClassSpec(ctx, op, field.NewPath("spec"), &class.Spec, &old.Spec)
	})...)
}

// validateClass checks a class; the two say which of its parts are stored already.
func validateClass(spec *resourcev1.DeviceClassSpec, selectors, config bool) field.ErrorList {
	path := field.NewPath("spec")
	errs := validateSelectors(spec.Selectors, selectors, path.Child("selectors"))
	return append(errs, each(spec.Config, resourcev1.DeviceConfigMaxSize, path.Child("config"),
		func(c *resourcev1.DeviceClassConfiguration, path *field.Path) field.ErrorList {
			return validateConfig(&c.DeviceConfiguration, config, path)
		})...)
}
