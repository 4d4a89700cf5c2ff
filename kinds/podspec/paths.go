package podspec

import (
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// invalidEach makes one Invalid error of each message about a value.
func invalidEach(at *field.Path, value any, msgs []string) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range msgs {
		errs = append(errs, field.Invalid(at, value, msg))
	}
	return errs
}

func validateDNSLabel(value string, at *field.Path) field.ErrorList {
	return invalidEach(at, value, validation.IsDNS1123Label(value))
}

func validateSubdomain(value string, at *field.Path) field.ErrorList {
	return invalidEach(at, value, validation.IsDNS1123Subdomain(value))
}

func validateQualifiedName(value string, at *field.Path) field.ErrorList {
	return invalidEach(at, value, validation.IsQualifiedName(value))
}

func require(value string, at *field.Path) field.ErrorList {
	if value == "" {
		return field.ErrorList{field.Required(at, "")}
	}
	return nil
}

// validateNoBacksteps refuses paths that go up with "..".
func validateNoBacksteps(target string, at *field.Path) field.ErrorList {
	for part := range strings.SplitSeq(target, "/") {
		if part == ".." {
			return field.ErrorList{field.Invalid(at, target, "must not contain '..'")}
		}
	}
	return nil
}

// validateDescendingPath accepts paths relative to, and below, a root.
func validateDescendingPath(target string, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	if path.IsAbs(target) {
		errs = append(errs, field.Invalid(at, target, "must be a relative path"))
	}
	return append(errs, validateNoBacksteps(target, at)...)
}

// validateFreePath is validateDescendingPath for files of a volume in which the kubelet keeps names that
// start with ".." for itself.
func validateFreePath(target string, at *field.Path) field.ErrorList {
	errs := validateDescendingPath(target, at)
	if strings.HasPrefix(target, "..") && !strings.HasPrefix(target, "../") {
		errs = append(errs, field.Invalid(at, target, "must not start with '..'"))
	}
	return errs
}
