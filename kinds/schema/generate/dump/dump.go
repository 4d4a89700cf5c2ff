// Package dump turns the Go code that kube-openapi generates into the data files of kinds/schema. Only the
// generator links it.
package dump

import (
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"k8s.io/kube-openapi/pkg/builder"
	"k8s.io/kube-openapi/pkg/builder3"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/handler"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// Main writes structure.txt, versions.txt and the folder definitions into the folder dir.
func Main(get common.GetOpenAPIDefinitions, dir string) {
	log.SetFlags(0)
	d, err := read(get)
	if err != nil {
		log.Fatal(err)
	}
	text, err := d.structure()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "structure.txt"), text, 0o644); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "versions.txt"), versions(), 0o644); err != nil {
		log.Fatal(err)
	}
	if err := d.writeDefinitions(filepath.Join(dir, "definitions")); err != nil {
		log.Fatal(err)
	}
}

// definitions are all types, as version 2 and version 3 of OpenAPI publish them.
type definitions struct {
	names []string // sorted
	v2    map[string]spec.Schema
	v3    map[string]*spec.Schema
	kinds map[string][]kind
}

func read(get common.GetOpenAPIDefinitions) (*definitions, error) {
	d := &definitions{kinds: kindsByName()}
	for name := range get(func(string) spec.Ref { return spec.Ref{} }) {
		d.names = append(d.names, name)
	}
	sort.Strings(d.names)
	swagger, err := builder.BuildOpenAPIDefinitionsForResources(&common.Config{GetDefinitions: get, GetDefinitionName: d.name}, d.names...)
	if err != nil {
		return nil, err
	}
	d.v2 = handler.PruneDefaults(swagger.Definitions)
	d.v3, err = builder3.BuildOpenAPIDefinitionsForResources(&common.OpenAPIV3Config{GetDefinitions: get, GetDefinitionName: d.name}, d.names...)
	return d, err
}

// name returns the published name of a type, which is its own, and the kind it is. A type that is a kind of
// every group version has none here: which of them a document names is up to the document.
func (d *definitions) name(name string) (string, spec.Extensions) {
	if strings.Contains(name, "/") {
		log.Fatalf("%s has no OpenAPIModelName", name)
	}
	if kinds := d.kinds[name]; len(kinds) == 1 {
		k := kinds[0]
		list := []any{map[string]any{"group": k.Group, "version": k.Version, "kind": k.Kind}}
		return name, spec.Extensions{"x-kubernetes-group-version-kind": list}
	}
	return name, nil
}
