package openapi

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// isCustom reports whether a resource was made of a CustomResourceDefinition.
func isCustom(r *kinds.Resource) bool {
	if r.New == nil {
		return false
	}
	_, ok := r.New().(*unstructured.Unstructured)
	return ok
}

// A customDefinition is the schema of a custom kind or of a list of it.
type customDefinition struct {
	name   string
	v3, v2 []byte
}

var toDefinition = regexp.MustCompile(`"#/components/schemas/(io\.k8s\.[^"]+)"`)

// references are the published types that the schema refers to.
func (c customDefinition) references() []string {
	var out []string
	for _, m := range toDefinition.FindAllSubmatch(c.v3, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

func (src source) customInOrder() []customDefinition {
	var out []customDefinition
	for _, c := range src.custom {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b customDefinition) int { return strings.Compare(a.name, b.name) })
	return out
}

// customSource returns the source of a group version of custom resources.
func (s *Service) customSource(gv schema.GroupVersion, resources []*kinds.Resource) source {
	src := source{gv: gv, custom: map[string]customDefinition{}}
	model := func(kind schema.GroupVersionKind) string {
		if kind.Group != gv.Group {
			return s.definitions.Name(kind)
		}
		return customName(kind)
	}
	for _, r := range resources {
		own := customDefinition{name: customName(r.GroupVersionKind())}
		if s.custom != nil {
			own.v3, own.v2 = s.custom(r)
		}
		if own.v3 == nil {
			anything := anyObject(r)
			own.v3, own.v2 = anything, anything
		}
		list := listDefinition(r, own.name)
		src.custom[own.name], src.custom[list.name] = own, list
		src.paths = append(src.paths, customPaths(r, model)...)
	}
	return src
}

// customName is the name of a custom kind's definition: the group backwards.
func customName(kind schema.GroupVersionKind) string {
	parts := strings.Split(kind.Group, ".")
	slices.Reverse(parts)
	return strings.Join(parts, ".") + "." + kind.Version + "." + kind.Kind
}

// anyObject is the schema of a kind of which nothing is known.
func anyObject(r *kinds.Resource) []byte {
	return mustJSON(map[string]any{
		"type":                                 "object",
		"x-kubernetes-preserve-unknown-fields": true,
		"x-kubernetes-group-version-kind":      []groupVersionKind{{r.Group, r.Kind, r.Version}},
	})
}

// listDefinition is the schema of a list of a custom kind.
func listDefinition(r *kinds.Resource, item string) customDefinition {
	const (
		conventions = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
		apiVersion  = "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: " + conventions + "#resources"
		kind        = "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: " + conventions + "#types-kinds"
		metadata    = "Standard list metadata. More info: " + conventions + "#types-kinds"
	)
	build := func(prefix string, metadataSchema map[string]any) []byte {
		return mustJSON(map[string]any{
			"description": r.Kind + "List is a list of " + r.Kind,
			"type":        "object",
			"required":    []string{"items"},
			"properties": map[string]any{
				"apiVersion": map[string]any{"description": apiVersion, "type": "string"},
				"kind":       map[string]any{"description": kind, "type": "string"},
				"metadata":   metadataSchema,
				"items": map[string]any{
					"description": "List of " + r.Plural + ". More info: " + conventions,
					"type":        "array",
					"items":       reference{Ref: prefix + item},
				},
			},
			"x-kubernetes-group-version-kind": []groupVersionKind{{r.Group, r.Kind + "List", r.Version}},
		})
	}
	const v3Prefix = "#/components/schemas/"
	return customDefinition{
		name: item + "List",
		v3:   build(v3Prefix, map[string]any{"description": metadata, "allOf": []reference{{Ref: v3Prefix + meta + "ListMeta"}}}),
		v2:   build(v2Prefix, map[string]any{"description": metadata, "$ref": v2Prefix + meta + "ListMeta"}),
	}
}

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // made of maps and strings
	}
	return text
}

// customPaths returns the paths of a custom resource. They are those of a built-in one, except that there
// is no protobuf, no strategic merge and no old way of watching.
func customPaths(r *kinds.Resource, model func(schema.GroupVersionKind) string) []pathItem {
	types := []string{"application/json", "application/yaml"}
	patches := []string{"application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"}
	var out []pathItem
	for _, p := range resourcePaths(r, model) {
		if strings.HasPrefix(p.path, basePath(r.GroupVersion())+"/watch/") {
			continue
		}
		for i := range p.routes {
			route := &p.routes[i]
			route.produces, route.consumes = types, types
			route.kind = r.GroupVersionKind() // of scale, too
			for j := range route.parameters {
				if route.parameters[j].name == "name" {
					route.parameters[j] = nameParameter(r.Kind)
				}
			}
			switch route.action {
			case "list":
				route.description = "list objects of kind " + r.Kind
			case "get":
				route.with(getOptions...)
			case "patch":
				route.consumes = patches
				route.responses = route.responses[:1]
			case "deletecollection":
				route.parameters = slices.DeleteFunc(route.parameters, func(p parameter) bool { return p.in == "query" && p != pretty })
				route.with(listOptions...)
				route.body = ""
			}
		}
		out = append(out, p)
	}
	return out
}
