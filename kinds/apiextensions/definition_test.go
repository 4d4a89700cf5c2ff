package apiextensions

import (
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// widgets is a definition as a client sends it, defaulted.
func widgets(change func(*apiextensionsv1.CustomResourceDefinition)) *apiextensionsv1.CustomResourceDefinition {
	object := &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object"}}
	obj := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets.example.com"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "example.com", Scope: apiextensionsv1.NamespaceScoped,
			Names:    apiextensionsv1.CustomResourceDefinitionNames{Plural: "widgets", Kind: "Widget"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: "v1", Served: true, Storage: true, Schema: object}},
		},
	}
	change(obj)
	defaultDefinition(obj)
	return obj
}

func TestDefinitionsAreChecked(t *testing.T) {
	type definition = apiextensionsv1.CustomResourceDefinition
	for _, test := range []struct {
		change func(*definition)
		want   string // the errors, cut short by "…"
	}{
		{func(*definition) {}, ""},
		{func(d *definition) { d.Name = "other.example.com" }, `metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group`},
		{func(d *definition) { d.Spec.Group, d.Name = "nodots", "widgets.nodots" }, `spec.group: Invalid value: "nodots": should be a domain with at least one dot`},
		{func(d *definition) { d.Spec.Scope = "Other" }, `spec.scope: Unsupported value: "Other": supported values: "Cluster", "Namespaced"`},
		{func(d *definition) { d.Spec.Names.ListKind = "Widget" }, `spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same`},
		{func(d *definition) {
			d.Spec.Names.Kind, d.Spec.Names.Singular, d.Spec.Names.ListKind = "my_kind", "widget", "WidgetList"
		}, `spec.names.kind: Invalid value: "my_kind": may have mixed case, but should otherwise match: a DNS-1035 label…`},
		{func(d *definition) { d.Spec.Versions[0].Name = "V1" }, `[spec.versions[0].name: Invalid value: "V1": a DNS-1035 label…`},
		{func(d *definition) { d.Spec.Versions[0].Schema = nil }, `spec.versions[0].schema.openAPIV3Schema: Required value`},
		{func(d *definition) {
			v := d.Spec.Versions[0]
			v.AdditionalPrinterColumns = []apiextensionsv1.CustomResourceColumnDefinition{{Name: "A", Type: "x", JSONPath: "y"}}
			d.Spec.Versions[0] = v
		}, `[spec.additionalPrinterColumns[0].type: Invalid value: "x": must be one of boolean,date,integer,number,string, spec.additionalPrinterColumns[0].JSONPath: Invalid value: "y": must be a simple json path starting with .]`},
		{func(d *definition) {
			v := d.Spec.Versions[0]
			v.Name, v.Storage = "v2", false
			v.AdditionalPrinterColumns = []apiextensionsv1.CustomResourceColumnDefinition{{Name: "A", Type: "date", JSONPath: "y"}}
			d.Spec.Versions = append(d.Spec.Versions, v)
		}, `spec.versions[1].additionalPrinterColumns[0].JSONPath: Invalid value: "y": must be a simple json path starting with .`},
		{func(d *definition) { d.Spec.Group, d.Name = "x.k8s.io", "widgets.x.k8s.io" }, `metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation…`},
		{func(d *definition) {
			d.Spec.Group, d.Name = "x.k8s.io", "widgets.x.k8s.io"
			d.Annotations = map[string]string{"api-approved.kubernetes.io": "https://github.com/kubernetes/kubernetes/pull/1"}
		}, ""},
		{func(d *definition) {
			d.Spec.Conversion = &apiextensionsv1.CustomResourceConversion{Strategy: "Webhook"}
		}, `[spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook, spec.conversion.conversionReviewVersions: Required value]`},
	} {
		obj, got := widgets(test.change), ""
		if errs := validateDefinition(kinds.Input{}, obj); len(errs) > 0 {
			got = errs.ToAggregate().Error()
		}
		want, cut := strings.CutSuffix(test.want, "…")
		if got != want && !(cut && strings.HasPrefix(got, want)) {
			t.Errorf("%s\nwant %s", got, test.want)
		}
	}
}

func TestStoredVersionsStay(t *testing.T) {
	old := widgets(func(*apiextensionsv1.CustomResourceDefinition) {})
	obj := widgets(func(d *apiextensionsv1.CustomResourceDefinition) {
		d.Spec.Versions[0].Name = "v2"
		d.Status.StoredVersions = []string{"v1", "v2"}
	})
	errs := validateDefinitionUpdate(kinds.Input{}, obj, old)
	if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), `status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously`) {
		t.Error(errs)
	}
}
