package certificates

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxSignerPath is the room for a label, a dot and a subdomain after the slash of a signer's name.
const maxSignerPath = validation.DNS1123SubdomainMaxLength + validation.DNS1123LabelMaxLength + 1

// validateSignerName checks a name of the form example.com/some.name.
func validateSignerName(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	domain, rest, ok := strings.Cut(name, "/")
	if !ok || strings.Contains(rest, "/") {
		return field.ErrorList{field.Invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")}
	}
	var errs field.ErrorList
	if len(domain) > validation.DNS1123SubdomainMaxLength {
		errs = append(errs, field.TooLong(path, domain, validation.DNS1123SubdomainMaxLength))
	}
	labels := strings.Split(domain, ".")
	errs = append(errs, validateParts(path, domain, labels, validation.IsDNS1123Label)...)
	if len(labels) < 2 {
		errs = append(errs, field.Invalid(path, domain, "should be a domain with at least two segments separated by dots"))
	}
	errs = append(errs, validateParts(path, rest, strings.Split(rest, "."), validation.IsDNS1123Subdomain)...)
	if most := validation.DNS1123SubdomainMaxLength + maxSignerPath + 1; len(name) > most {
		errs = append(errs, field.TooLong(path, name, most))
	}
	return errs
}

// validateParts reports the first part that is wrong; the others would only repeat it.
func validateParts(path *field.Path, whole string, parts []string, check func(string) []string) field.ErrorList {
	for _, part := range parts {
		var errs field.ErrorList
		for _, msg := range check(part) {
			errs = append(errs, field.Invalid(path, whole, fmt.Sprintf("validating label %q: %s", part, msg)))
		}
		if len(errs) > 0 {
			return errs
		}
	}
	return nil
}
