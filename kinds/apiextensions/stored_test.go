package apiextensions

import (
	"encoding/json"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/yaml"
)

const twoVersions = `
metadata: {name: widgets.example.com, generation: 2}
spec:
  group: example.com
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {a: {type: integer, default: 1}}}},
     additionalPrinterColumns: [{name: A, type: integer, jsonPath: .a}], subresources: {status: {}}}
  - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}},
     additionalPrinterColumns: [{name: A, type: integer, jsonPath: .a}], subresources: {status: {}}}
  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {url: "https://x"}}}
status: {storedVersions: [v1], acceptedNames: {plural: widgets, kind: Widget}, conditions: []}
`

func TestStoredForm(t *testing.T) {
	obj := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict([]byte(twoVersions), obj); err != nil {
		t.Fatal(err)
	}
	data, err := encodeStored(obj)
	if err != nil {
		t.Fatal(err)
	}
	var stored struct {
		APIVersion string
		Spec       map[string]any
	}
	if err := json.Unmarshal(data, &stored); err != nil {
		t.Fatal(err)
	}
	if stored.APIVersion != "apiextensions.k8s.io/v1beta1" {
		t.Errorf("stored as %s", stored.APIVersion)
	}
	for field, want := range map[string]bool{
		"validation": false, "subresources": true, "additionalPrinterColumns": true, "selectableFields": false,
		"preserveUnknownFields": true, "version": true,
	} {
		if _, got := stored.Spec[field]; got != want {
			t.Errorf("spec.%s is there: %v, want %v", field, got, want)
		}
	}
	back, err := decodeStored(data)
	if err != nil {
		t.Fatal(err)
	}
	if !equality.Semantic.DeepEqual(back, obj) {
		t.Errorf("came back as\n%#v\nfrom\n%#v", back, obj)
	}
}

func FuzzDecodeStored(f *testing.F) {
	f.Add([]byte(`{"apiVersion":"apiextensions.k8s.io/v1beta1","spec":{"version":"v1","validation":{"openAPIV3Schema":{}}}}`))
	f.Add([]byte(`{"apiVersion":"apiextensions.k8s.io/v1","spec":{"versions":[{"name":"v1"}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		obj, err := decodeStored(data)
		if err != nil {
			return
		}
		if _, err := encodeStored(obj); err != nil {
			t.Fatalf("decoded but not encoded: %v", err)
		}
	})
}
