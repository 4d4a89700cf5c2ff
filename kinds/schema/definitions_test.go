package schema

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestDefinitions(t *testing.T) {
	d, err := NewDefinitions()
	if err != nil {
		t.Fatal(err)
	}
	name := d.Name(schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"})
	if name != "io.k8s.api.apps.v1.Deployment" {
		t.Fatalf("name %q", name)
	}
	all, err := d.Read([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(all))
	for i, def := range all {
		names[i] = def.Name
		for version, text := range map[string][]byte{"3": def.V3, "2": def.V2} {
			if !json.Valid(text) {
				t.Errorf("%s in version %s is not JSON", def.Name, version)
			}
		}
		for _, ref := range def.References {
			if !strings.Contains(string(def.V3), `"#/components/schemas/`+ref+`"`) || !strings.Contains(string(def.V2), `"#/definitions/`+ref+`"`) {
				t.Errorf("%s does not refer to %s", def.Name, ref)
			}
		}
	}
	if !slices.IsSorted(names) || !slices.Contains(names, "io.k8s.api.core.v1.PodSpec") {
		t.Errorf("names %v", names)
	}
}

// What a schema says, by examples: each is a property as version 3 and version 2 have it.
func TestProperties(t *testing.T) {
	d, err := NewDefinitions()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, v3, v2 string }{
		{"io.k8s.api.core.v1.Container", // default, description; no default in version 2
			`"name":{"description":"Name of the container specified as a DNS_LABEL. Each container in a pod must have a unique name (DNS_LABEL). Cannot be updated.","type":"string","default":""}`,
			`"name":{"description":"Name of the container specified as a DNS_LABEL. Each container in a pod must have a unique name (DNS_LABEL). Cannot be updated.","type":"string"}`},
		{"io.k8s.api.core.v1.Container", // enum
			`"enum":["Always","IfNotPresent","Never"]`, `"enum":["Always","IfNotPresent","Never"]`},
		{"io.k8s.api.core.v1.ContainerPort", // format
			`"format":"int32"`, `"format":"int32"`},
		{"io.k8s.api.core.v1.PodSpec", // lists and patches
			`"x-kubernetes-list-map-keys":["name"],"x-kubernetes-list-type":"map","x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge"`,
			`"x-kubernetes-list-map-keys":["name"],"x-kubernetes-list-type":"map","x-kubernetes-patch-merge-key":"name","x-kubernetes-patch-strategy":"merge"`},
		{"io.k8s.api.core.v1.Pod", // the kind
			`"x-kubernetes-group-version-kind":[{"group":"","kind":"Pod","version":"v1"}]`, `"x-kubernetes-group-version-kind":[{"group":"","kind":"Pod","version":"v1"}]`},
		{"io.k8s.apimachinery.pkg.util.intstr.IntOrString",
			`"oneOf":[{"type":"integer"},{"type":"string"}]`, `"type":"string","format":"int-or-string"`},
		{"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps",
			`"x-kubernetes-preserve-unknown-fields"`, `"x-kubernetes-preserve-unknown-fields"`},
	}
	for _, tt := range tests {
		all, err := d.Read([]string{tt.name})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(d Definition) bool { return d.Name == tt.name })
		if !strings.Contains(string(all[i].V3), tt.v3) {
			t.Errorf("%s in version 3 lacks %s: %s", tt.name, tt.v3, all[i].V3)
		}
		if !strings.Contains(string(all[i].V2), tt.v2) {
			t.Errorf("%s in version 2 lacks %s: %s", tt.name, tt.v2, all[i].V2)
		}
	}
}

func TestEveryVersion(t *testing.T) {
	d, err := NewDefinitions()
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.Read([]string{"io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"})
	if err != nil {
		t.Fatal(err)
	}
	for _, def := range all {
		if def.EveryVersion && strings.Contains(string(def.V3), "group-version-kind") {
			t.Errorf("%s names kinds", def.Name)
		}
	}
	every, clients := GroupVersions(false), GroupVersions(true)
	gv := schema.GroupVersion{Group: "apiregistration.k8s.io", Version: "v1"}
	if every[0] != (schema.GroupVersion{Version: "v1"}) || !slices.Contains(every, gv) || slices.Contains(clients, gv) {
		t.Errorf("all: %v, of clients: %v", every, clients)
	}
}

func TestNoDefinition(t *testing.T) {
	d, err := NewDefinitions()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "Pod", "io.k8s.api.core.v1.Nothing", "io.k8s.api.nothing.v1.Pod", "../x"} {
		if _, err := d.Read([]string{name}); err == nil {
			t.Errorf("%q is there", name)
		}
	}
	if _, err := parseDefinitions([]byte("a\nb\n")); err == nil {
		t.Error("a definition that is cut off is accepted")
	}
}
