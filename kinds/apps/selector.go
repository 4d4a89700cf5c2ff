package apps

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/selectors"
)

// validateSelector checks a selector that must be there and select something; owner is the kind that the
// text names.
func validateSelector(s *metav1.LabelSelector, opts selectors.Options, owner string, path *field.Path) field.ErrorList {
	if s == nil {
		return field.ErrorList{field.Required(path, "")}
	}
	errs := selectors.Validate(s, opts, path)
	if selectors.Empty(s) {
		errs = append(errs, field.Invalid(path, s, "empty selector is invalid for "+owner))
	}
	if !selectors.Parses(s) {
		errs = append(errs, field.Invalid(path, s, "invalid label selector"))
	}
	return errs
}
