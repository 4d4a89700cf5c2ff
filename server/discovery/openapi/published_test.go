package openapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
)

// testdata/published.tsv is made of the OpenAPI documents that Kubernetes 1.37.2 publishes with its source:
// for each path, definition and shared parameter a hash of its JSON, without enums (they are published
// without, though servers have them) and CBOR (which is off by default).

// The server describes every path and every schema as kube-apiserver does.
func TestPublished(t *testing.T) {
	want := map[string]string{} // version, document, name -> hash
	text, err := os.ReadFile("testdata/published.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		want[strings.Join(cells[:3], " ")] = cells[3]
	}
	s := newService(t, kinds.NewSet(builtin.All()), nil)
	docs := s.documents()
	check := func(key string, v any) {
		if hash, ok := want[key]; !ok || hash != hashOf(v) {
			t.Errorf("%s differs (published: %v)", key, ok)
		}
		delete(want, key)
	}
	for name, doc := range docs.v3 {
		if name == ".well-known/openid-configuration" {
			continue // published in version 2 only
		}
		d := built(t, doc)
		for path, item := range object(d, "paths") {
			check("3 "+name+" "+path, item)
		}
		check("3 "+name+" schemas", object(object(d, "components"), "schemas"))
	}
	d := built(t, docs.v2)
	for path, item := range object(d, "paths") {
		check("2  "+path, item)
	}
	for name, schema := range object(d, "definitions") {
		check("2  "+name, schema)
	}
	for name, param := range object(d, "parameters") {
		check("2  parameter "+name, param)
	}
	for key := range want {
		if _, definition, ok := strings.Cut(key, "2  io.k8s."); ok && offByDefault.MatchString(definition) {
			continue
		}
		t.Errorf("%s is published, but not there", key)
	}
}

// offByDefault matches the definitions of versions that are published, but not served by default.
var offByDefault = regexp.MustCompile(`\.v\d+(alpha|beta)\d+\.`)

// The document of a custom resource is the one that kube-apiserver 1.37.2 answered for it.
func TestCustomDocument(t *testing.T) {
	text, err := os.ReadFile("testdata/custom.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	const name = "com.example.obj-openapi.v1.Widget"
	widget, err := json.Marshal(object(object(want, "components"), "schemas")[name])
	if err != nil {
		t.Fatal(err)
	}
	custom := func(*kinds.Resource) ([]byte, []byte) { return widget, widget }
	s := newService(t, kinds.NewSet(append(slices.Clone(builtin.All()), customWidgets())), custom)
	got := built(t, s.documents().v3["apis/obj-openapi.example.com/v1"])
	for path, item := range object(want, "paths") {
		if !reflect.DeepEqual(object(got, "paths")[path], item) {
			t.Errorf("path %s:\n%s\nwant\n%s", path, toJSON(object(got, "paths")[path]), toJSON(item))
		}
	}
	for name, schema := range object(object(want, "components"), "schemas") {
		if other := object(object(got, "components"), "schemas")[name]; !reflect.DeepEqual(other, schema) {
			t.Errorf("schema %s:\n%s\nwant\n%s", name, toJSON(other), toJSON(schema))
		}
	}
	if !t.Failed() && !reflect.DeepEqual(got, want) {
		t.Error("the rest differs")
	}
}

func customWidgets() *kinds.Resource {
	update := []string{"get", "patch", "update"}
	return &kinds.Resource{
		Group: "obj-openapi.example.com", Version: "v1", Kind: "Widget", Plural: "widgets", Singular: "widget",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New: func() runtime.Object { return &unstructured.Unstructured{} },
		Subresources: []*kinds.Subresource{
			{Name: "status", Verbs: update, Part: &kinds.Rules{}},
			{Name: "scale", Verbs: update, Kind: autoscalingv1.SchemeGroupVersion.WithKind("Scale"), Scale: &kinds.Scale{}},
		},
	}
}

func newService(t *testing.T, set *kinds.Set, custom Custom) *Service {
	t.Helper()
	s, err := New("1.37", set, custom)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// built returns a document decoded.
func built(t *testing.T, doc *document) map[string]any {
	t.Helper()
	text, err := doc.build()
	if err != nil {
		t.Fatal(err)
	}
	var d map[string]any
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func object(d map[string]any, name string) map[string]any {
	o, _ := d[name].(map[string]any)
	return o
}

func toJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func hashOf(v any) string {
	if v == nil {
		v = map[string]any{}
	}
	sum := sha256.Sum256(toJSON(withoutEnums(v)))
	return hex.EncodeToString(sum[:8])
}

// withoutEnums takes out enums and the sentence about them at the end of a description.
func withoutEnums(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			if key != "enum" {
				out[key] = withoutEnums(value)
			}
		}
		if text, ok := out["description"].(string); ok {
			if i := strings.Index(text, "Possible enum values:"); i >= 0 {
				if out["description"] = strings.TrimRight(text[:i], "\n"); i == 0 {
					delete(out, "description")
				}
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withoutEnums(v[i])
		}
		return out
	}
	return v
}
