package selectors

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestText(t *testing.T) {
	tests := []struct {
		name       string
		selector   *metav1.LabelSelector
		text, cell string
	}{
		{"none selects nothing", nil, "", "<none>"},
		{"empty selects all", &metav1.LabelSelector{}, "", "<none>"},
		{"labels and expressions", &metav1.LabelSelector{
			MatchLabels: map[string]string{"app": "a"},
			MatchExpressions: []metav1.LabelSelectorRequirement{
				{Key: "tier", Operator: "In", Values: []string{"b", "a"}}, {Key: "x", Operator: "DoesNotExist"}},
		}, "app=a,tier in (a,b),!x", "app=a,tier in (a,b),!x"},
		{"bad", &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "x", Operator: "Near"}}}, "", "<error>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.selector); got != tt.text {
				t.Errorf("text %q, want %q", got, tt.text)
			}
			if got := Cell(tt.selector); got != tt.cell {
				t.Errorf("cell %q, want %q", got, tt.cell)
			}
		})
	}
}

func TestValidateMatch(t *testing.T) {
	path := field.NewPath("spec", "template", "metadata", "labels")
	tests := []struct {
		name     string
		selector *metav1.LabelSelector
		labels   map[string]string
		want     string
	}{
		{"match", &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}, map[string]string{"a": "b", "c": "d"}, ""},
		{"no labels", &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}, nil,
			"spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`"},
		{"no selector", nil, map[string]string{"a": "b"},
			"spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"},
		{"selects all", &metav1.LabelSelector{}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if errs := ValidateMatch(tt.selector, tt.labels, path); len(errs) > 0 {
				got = errs[0].Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLoosened(t *testing.T) {
	bad := &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "x", Operator: "In", Values: []string{"no no"}}}}
	path := field.NewPath("s")
	if errs := Validate(bad, Options{}, path); len(errs) != 1 {
		t.Errorf("create: %v", errs)
	}
	if errs := Validate(bad, Loosened(bad), path); len(errs) != 0 {
		t.Errorf("update of the like: %v", errs)
	}
}
