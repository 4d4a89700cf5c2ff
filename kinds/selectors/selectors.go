// Package selectors checks and shows the label selectors that objects hold. Callers: the kinds that have
// one (workloads, budgets, policies). It guarantees the texts and the order of errors that clients see.
package selectors

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Options loosen the rules for selectors that were stored before a rule came.
type Options = metav1validation.LabelSelectorValidationOptions

// Loosened returns what an update must allow because the stored selector already has it.
func Loosened(old *metav1.LabelSelector) Options {
	return Options{AllowInvalidLabelValueInSelector: metav1validation.LabelSelectorHasInvalidLabelValue(old)}
}

// Validate checks a selector's labels, operators and values. A nil selector is fine.
func Validate(s *metav1.LabelSelector, opts Options, path *field.Path) field.ErrorList {
	return metav1validation.ValidateLabelSelector(s, opts, path)
}

// Empty reports a selector that is there and selects everything.
func Empty(s *metav1.LabelSelector) bool {
	return s != nil && len(s.MatchLabels)+len(s.MatchExpressions) == 0
}

// ValidateMatch checks that the selector matches the labels of a pod template. A selector that cannot be
// parsed, or that selects everything, passes: other rules speak of those.
func ValidateMatch(s *metav1.LabelSelector, template map[string]string, path *field.Path) field.ErrorList {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil || selector.Empty() || selector.Matches(labels.Set(template)) {
		return nil
	}
	return field.ErrorList{NoMatch(template, path)}
}

// NoMatch is the error of labels that their selector does not match; path is that of the labels.
func NoMatch(template map[string]string, path *field.Path) *field.Error {
	return field.Invalid(path, template, "`selector` does not match template `labels`")
}

// Parses reports whether the selector can be used to select.
func Parses(s *metav1.LabelSelector) bool {
	_, err := metav1.LabelSelectorAsSelector(s)
	return err == nil
}

// Text is the selector as tables and Scale show it: "a=b,tier in (x,y),!z"; "" for one that cannot be
// parsed.
func Text(s *metav1.LabelSelector) string {
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return ""
	}
	return selector.String()
}

// Cell is the selector as a column of a table shows it.
func Cell(s *metav1.LabelSelector) string { return metav1.FormatLabelSelector(s) }

// MapCell is a selector made of labels alone as a column of a table shows it.
func MapCell(s map[string]string) string { return labels.FormatLabels(s) }
