package subresource

import (
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// parseSelectors returns the requirements that can be understood, and what is wrong with the others.
func parseSelectors(res *authorizationv1.ResourceAttributes) (fs []fields.Requirement, ls []labels.Requirement, problems []string) {
	note := func(name string, got int) {
		partially := ""
		if got > 0 {
			partially = "partially "
		}
		problems = append(problems, fmt.Sprintf("spec.resourceAttributes.%s %signored due to parse error", name, partially))
	}
	if s := res.FieldSelector; s != nil {
		var bad bool
		if fs, bad = parseFields(s); bad {
			note("fieldSelector", len(fs))
		}
	}
	if s := res.LabelSelector; s != nil {
		var bad bool
		if ls, bad = parseLabels(s); bad {
			note("labelSelector", len(ls))
		}
	}
	return fs, ls, problems
}

func parseFields(s *authorizationv1.FieldSelectorAttributes) (out []fields.Requirement, bad bool) {
	if s.RawSelector != "" {
		sel, err := fields.ParseSelector(s.RawSelector)
		if err != nil {
			return nil, true
		}
		return sel.Requirements(), false
	}
	for _, r := range s.Requirements {
		// Fields know only equality: more values, Exists and the rest cannot be said with it.
		if len(r.Values) != 1 {
			bad = true
			continue
		}
		switch r.Operator {
		case metav1.FieldSelectorOpIn:
			out = append(out, fields.Requirement{Operator: selection.Equals, Field: r.Key, Value: r.Values[0]})
		case metav1.FieldSelectorOpNotIn:
			out = append(out, fields.Requirement{Operator: selection.NotEquals, Field: r.Key, Value: r.Values[0]})
		default:
			bad = true
		}
	}
	return out, bad
}

func parseLabels(s *authorizationv1.LabelSelectorAttributes) (out []labels.Requirement, bad bool) {
	if s.RawSelector != "" {
		reqs, err := labels.ParseToRequirements(s.RawSelector)
		return reqs, err != nil
	}
	operators := map[metav1.LabelSelectorOperator]selection.Operator{
		metav1.LabelSelectorOpIn: selection.In, metav1.LabelSelectorOpNotIn: selection.NotIn,
		metav1.LabelSelectorOpExists: selection.Exists, metav1.LabelSelectorOpDoesNotExist: selection.DoesNotExist,
	}
	for _, r := range s.Requirements {
		op, known := operators[r.Operator]
		if !known {
			bad = true
			continue
		}
		req, err := labels.NewRequirement(r.Key, op, r.Values)
		if err != nil {
			bad = true
			continue
		}
		out = append(out, *req)
	}
	return out, bad
}

func evaluationError(err error, problems []string) string {
	if err != nil {
		problems = append([]string{err.Error()}, problems...)
	}
	switch len(problems) {
	case 0:
		return ""
	case 1:
		return problems[0]
	}
	return "[" + strings.Join(problems, ", ") + "]"
}
