package openapi

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A pathItem is a path of the API with its operations.
type pathItem struct {
	path   string
	routes []route
}

// A route is one method of a path. Models are names of definitions; "string" stands for the simple type.
type route struct {
	method      string // "get", ...
	id          string
	tag         string
	description string
	action      string // x-kubernetes-action; "" for what is no resource
	kind        schema.GroupVersionKind
	parameters  []parameter
	body        string
	bodyNeeded  bool
	consumes    []string
	produces    []string
	responses   []response // besides 401, which every route has
}

type response struct {
	code        string
	description string
	model       string
}

// A parameter is in a path or a query.
type parameter struct {
	name, in    string
	description string
	kind        string // "string", "integer", "boolean"
}

var (
	ok       = response{code: "200", description: "OK"}
	created  = response{code: "201", description: "Created"}
	accepted = response{code: "202", description: "Accepted"}
)

// answers returns responses that all have one model.
func answers(model string, all ...response) []response {
	out := slices.Clone(all)
	for i := range out {
		out[i].model = model
	}
	return out
}

// shared splits the parameters of a path's routes: those that every route has belong to the path.
func (p pathItem) shared() (ofPath []parameter, ofRoutes [][]parameter) {
	count := map[parameter]int{}
	for _, r := range p.routes {
		for _, param := range r.parameters {
			count[param]++
		}
	}
	everywhere := func(param parameter) bool { return count[param] == len(p.routes) }
	for _, r := range p.routes {
		var own []parameter
		for _, param := range r.parameters {
			if !everywhere(param) {
				own = append(own, param)
			} else if !slices.Contains(ofPath, param) {
				ofPath = append(ofPath, param)
			}
		}
		ofRoutes = append(ofRoutes, sorted(own))
	}
	return sorted(ofPath), ofRoutes
}

func sorted(params []parameter) []parameter {
	slices.SortFunc(params, func(a, b parameter) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.in, b.in)) })
	return params
}
