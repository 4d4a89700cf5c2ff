package storage

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxDriverNameLength is the most bytes of the name of a CSI driver.
const maxDriverNameLength = 63

// validateDriverName checks the name of a CSI driver, whose case does not matter.
func validateDriverName(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	if len(name) > maxDriverNameLength {
		errs = append(errs, field.TooLong(path, "", maxDriverNameLength))
	}
	for _, msg := range validation.IsDNS1123Subdomain(strings.ToLower(name)) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	return errs
}

// validateQualified checks a name with an optional domain before it; errors show it in lower case.
func validateQualified(name string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	name = strings.ToLower(name)
	for _, msg := range validation.IsQualifiedName(name) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	return errs
}
