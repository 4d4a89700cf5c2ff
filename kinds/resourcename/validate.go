package resourcename

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Texts of errors about amounts.
const (
	NotNegative = "must be greater than or equal to 0"
	NotInteger  = "must be an integer"
)

// Validate checks a name: a qualified one, and a known one if it has no domain.
func Validate(name corev1.ResourceName, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range validation.IsQualifiedName(string(name)) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	if len(errs) == 0 && !hasDomain(name) && !Standard(name) {
		errs = append(errs, field.Invalid(path, name, "must be a standard resource type or fully qualified"))
	}
	return errs
}

// ValidateForContainer checks the name of a resource that a container asks for.
func ValidateForContainer(name corev1.ResourceName, path *field.Path) field.ErrorList {
	errs := Validate(name, path)
	switch {
	case !hasDomain(name):
		if !StandardForContainer(name) {
			errs = append(errs, field.Invalid(path, name, "must be a standard resource for containers"))
		}
	case !Native(name) && !Extended(name):
		errs = append(errs, field.Invalid(path, name, "doesn't follow extended resource name standard"))
	}
	return errs
}

// ValidateForQuota checks the name of a resource that a quota limits.
func ValidateForQuota(name corev1.ResourceName, path *field.Path) field.ErrorList {
	errs := Validate(name, path)
	if !hasDomain(name) && !StandardForQuota(name) {
		errs = append(errs, field.Invalid(path, name, "must be a standard resource for quota"))
	}
	return errs
}

func hasDomain(name corev1.ResourceName) bool { return strings.Contains(string(name), "/") }

// ValidateQuantity checks an amount of a resource: not negative, and whole if the resource is.
func ValidateQuantity(name corev1.ResourceName, q resource.Quantity, path *field.Path) field.ErrorList {
	errs := ValidateNotNegative(q, path)
	if Integer(name) && q.MilliValue()%1000 != 0 {
		errs = append(errs, field.Invalid(path, q, NotInteger))
	}
	return errs
}

// ValidateNotNegative checks an amount of anything.
func ValidateNotNegative(q resource.Quantity, path *field.Path) field.ErrorList {
	if q.Sign() < 0 {
		return field.ErrorList{field.Invalid(path, q.String(), NotNegative)}
	}
	return nil
}
