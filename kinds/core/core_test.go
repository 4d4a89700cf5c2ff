package core

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

// resourceNamed returns a kind of the group by its plural name.
func resourceNamed(t *testing.T, plural string) *kinds.Resource {
	t.Helper()
	for _, r := range All() {
		if r.Plural == plural {
			return r
		}
	}
	t.Fatalf("no resource %s", plural)
	return nil
}

// read makes a defaulted object of YAML.
func read(t *testing.T, r *kinds.Resource, text string) kinds.Object {
	t.Helper()
	obj := r.New().(kinds.Object)
	if err := yaml.UnmarshalStrict([]byte(text), obj); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if r.Rules.Default != nil {
		r.Rules.Default(obj)
	}
	return obj
}

// texts is errors as a client reads them, a line each.
func texts(errs field.ErrorList) string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return strings.Join(out, "\n")
}

func TestStorageKeysAndVerbs(t *testing.T) {
	keys := map[string]string{ // where they are not the plural name
		"endpoints": "services/endpoints", "nodes": "minions", "replicationcontrollers": "controllers", "services": "services/specs",
	}
	var names []string
	for _, r := range All() {
		names = append(names, r.Plural)
		if !slices.IsSorted(r.Verbs) {
			t.Errorf("%s: verbs %v are not sorted", r.Plural, r.Verbs)
		}
		if !r.Stored() {
			continue
		}
		want := keys[r.Plural]
		if want == "" {
			want = r.Plural
		}
		if r.Storage.Key != want || r.Storage.APIVersion != "v1" {
			t.Errorf("%s is stored at %q as %q", r.Plural, r.Storage.Key, r.Storage.APIVersion)
		}
	}
	if !slices.IsSortedFunc(names, func(a, b string) int { return strings.Compare(a, b) }) {
		t.Errorf("discovery lists the group by name, and All does not: %v", names)
	}
}
