package policy

import (
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

func read(t *testing.T, text string) kinds.Object {
	t.Helper()
	obj := podDisruptionBudget().New().(kinds.Object)
	if err := yaml.UnmarshalStrict([]byte(text), obj); err != nil {
		t.Fatal(err)
	}
	return obj
}

func texts(errs field.ErrorList) []string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return out
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name, object string
		want         []string
	}{
		{"nothing said", `{}`, nil},
		{"both", `spec: {minAvailable: 1, maxUnavailable: 1, selector: {matchLabels: {app: a}}}`, []string{
			`spec: Invalid value: {"MinAvailable":1,"Selector":{"matchLabels":{"app":"a"}},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set`}},
		{"too much", `spec: {minAvailable: 101%}`, []string{`spec.minAvailable: Invalid value: "101%": must not be greater than 100%`}},
		{"too little", `spec: {maxUnavailable: -1}`, []string{`spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0`}},
		{"no number", `spec: {minAvailable: half}`, []string{
			`spec.minAvailable: Invalid value: "half": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`}},
		{"policy", `spec: {unhealthyPodEvictionPolicy: Other}`, []string{
			`spec.unhealthyPodEvictionPolicy: Unsupported value: "Other": supported values: "AlwaysAllow", "IfHealthyBudget"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := texts(podDisruptionBudget().Rules.Validate(kinds.Input{}, read(t, tt.object))); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	part := podDisruptionBudget().Subresource("status").Part
	got := texts(part.ValidateUpdate(kinds.Input{}, read(t, `status: {disruptionsAllowed: -1, currentHealthy: -1, desiredHealthy: -1, expectedPods: -1}`), read(t, `{}`)))
	var want []string
	for _, name := range []string{"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"} {
		want = append(want, "status."+name+": Invalid value: -1: must be greater than or equal to 0")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestCells(t *testing.T) {
	got := podDisruptionBudget().Table.Cells(read(t, `{metadata: {name: a}, spec: {minAvailable: 50%}, status: {disruptionsAllowed: 2}}`), time.Time{})
	if want := []any{"a", "50%", "N/A", int64(2), "<unknown>"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
