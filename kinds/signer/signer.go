// Package signer checks the names of certificate signers ("example.com/signer-name"), which certificate
// requests, trust bundles and volumes have. Callers: kinds.
package signer

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// ValidateName returns what is wrong with the name of a signer: a domain of at least two labels, a slash,
// and a path of names separated by dots.
func ValidateName(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	parts := strings.Split(name, "/")
	if len(parts) != 2 {
		return field.ErrorList{field.Invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")}
	}
	const longestDomain = validation.DNS1123SubdomainMaxLength
	const longestPath = validation.DNS1123SubdomainMaxLength + validation.DNS1123LabelMaxLength + 1
	var errs field.ErrorList
	if len(parts[0]) > longestDomain {
		errs = append(errs, field.TooLong(path, parts[0], longestDomain))
	}
	labels := strings.Split(parts[0], ".")
	errs = append(errs, validateFirst(labels, parts[0], path, validation.IsDNS1123Label)...)
	if len(labels) < 2 {
		errs = append(errs, field.Invalid(path, parts[0], "should be a domain with at least two segments separated by dots"))
	}
	errs = append(errs, validateFirst(strings.Split(parts[1], "."), parts[1], path, validation.IsDNS1123Subdomain)...)
	if len(name) > longestDomain+longestPath+1 {
		errs = append(errs, field.TooLong(path, name, longestDomain+longestPath+1))
	}
	return errs
}

// validateFirst reports the first label that is wrong: errors of the others would look the same.
func validateFirst(labels []string, whole string, path *field.Path, check func(string) []string) field.ErrorList {
	for _, label := range labels {
		msgs := check(label)
		if len(msgs) == 0 {
			continue
		}
		var errs field.ErrorList
		for _, msg := range msgs {
			errs = append(errs, field.Invalid(path, whole, fmt.Sprintf("validating label %q: %s", label, msg)))
		}
		return errs
	}
	return nil
}
