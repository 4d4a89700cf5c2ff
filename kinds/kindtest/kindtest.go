// Package kindtest puts objects through the rules of a kind as the server does, for tests that tell what a
// kind makes of what clients send. Callers: tests in kinds.
package kindtest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"

	"github.com/nave-k8s/nave/kinds"
)

// A Case is one write. All texts are YAML.
type Case struct {
	Name string
	// Create is a merge patch on the base object, which makes the object that is created.
	Create string
	// Update, unless "", is a merge patch on the created object. Then the case is about that update,
	// through the subresource Part where one is named.
	Update string
	Part   string
	// Errors are those that are wanted; one that ends in "…" is only the beginning of it.
	Errors []string
	// Warnings are those that are wanted, likewise.
	Warnings []string
	// Object is a part of the object that is wanted.
	Object string
}

// Now is the time at which the writes of cases happen.
var Now = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// Run runs the cases of a kind.
func Run(t *testing.T, r *kinds.Resource, base string, cases []Case) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Helper()
			run(t, r, base, c)
		})
	}
}

func run(t *testing.T, r *kinds.Resource, base string, c Case) {
	t.Helper()
	in := kinds.Input{Now: Now, User: authenticationv1.UserInfo{Username: "me"}, Version: r.GroupVersion()}
	rules := &r.Rules
	obj := decode(t, r, patch(t, toJSON(t, base), c.Create))
	if rules.PrepareCreate != nil {
		rules.PrepareCreate(in, obj)
	}
	var errs field.ErrorList
	var warnings []string
	if rules.Validate != nil {
		errs = rules.Validate(in, obj)
	}
	if rules.Warn != nil && len(errs) == 0 {
		warnings = rules.Warn(obj, nil)
	}
	if c.Update != "" {
		if len(errs) > 0 {
			t.Fatalf("the create is refused: %v", errs)
		}
		old := obj
		obj, errs, warnings = update(t, r, in, old, c)
	}
	expect(t, "errors", texts(errs), c.Errors)
	expect(t, "warnings", warnings, c.Warnings)
	if c.Object != "" && !contains(value(t, toJSON(t, c.Object)), value(t, encode(t, obj))) {
		t.Errorf("object %s\nwant %s", encode(t, obj), c.Object)
	}
}

func update(t *testing.T, r *kinds.Resource, in kinds.Input, old kinds.Object, c Case) (obj kinds.Object, errs field.ErrorList, warnings []string) {
	t.Helper()
	rules := &r.Rules
	if c.Part != "" {
		rules = r.Subresource(c.Part).Part
	}
	obj = decode(t, r, patch(t, encode(t, old), c.Update))
	if rules.PrepareUpdate != nil {
		rules.PrepareUpdate(in, obj, old)
	}
	if rules.ValidateUpdate != nil {
		errs = rules.ValidateUpdate(in, obj, old)
	}
	if rules.Warn != nil && len(errs) == 0 {
		warnings = rules.Warn(obj, old)
	}
	return obj, errs, warnings
}

func decode(t *testing.T, r *kinds.Resource, data []byte) kinds.Object {
	t.Helper()
	obj := r.New().(kinds.Object)
	if err := yaml.UnmarshalStrict(data, obj); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	if r.Rules.Default != nil {
		r.Rules.Default(obj)
	}
	return obj
}

func encode(t *testing.T, obj any) []byte {
	t.Helper()
	data, err := json.Marshal(obj)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func toJSON(t *testing.T, text string) []byte {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return data
}

func patch(t *testing.T, doc []byte, text string) []byte {
	t.Helper()
	if text == "" {
		return doc
	}
	out, err := jsonpatch.MergePatch(doc, toJSON(t, text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

func value(t *testing.T, data []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// contains reports whether all of want is in got. Null stands for what is not there.
func contains(want, got any) bool {
	w, ok := want.(map[string]any)
	if !ok {
		return reflect.DeepEqual(want, got)
	}
	g, _ := got.(map[string]any)
	for k, v := range w {
		if !contains(v, g[k]) {
			return false
		}
	}
	return true
}

func texts(errs field.ErrorList) []string {
	var list []string
	for _, err := range errs {
		list = append(list, err.Error())
	}
	return list
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		start, cut := strings.CutSuffix(want[i], "…")
		same = got[i] == want[i] || cut && strings.HasPrefix(got[i], start)
	}
	if !same {
		t.Errorf("%s %q\nwant %q", what, got, want)
	}
}
