package openapi

import (
	"slices"
	"strings"

	"github.com/nave-k8s/nave/kinds"
)

// subresource returns the paths of a subresource.
func (d describer) subresource(s *kinds.Subresource, path string) []pathItem {
	kind := s.Kind
	if kind.Kind == "" {
		kind = d.GroupVersionKind()
	}
	if params, ok := connectOptions[kind.Kind]; ok {
		return d.connect(s, path, params)
	}
	item := pathItem{path: path}
	model := d.model(kind)
	has := func(verb string) bool { return slices.Contains(s.Verbs, verb) }
	add := func(method, verb, action, description string, params []parameter) *route {
		r := d.route(method, verb, d.scoped()+title(s.Name), action, description)
		r.kind = kind
		r.with(nameParameter(kind.Kind))
		r.with(params...)
		item.routes = append(item.routes, *r)
		return &item.routes[len(item.routes)-1]
	}
	of := s.Name + " of the specified " + d.Kind
	if has("get") {
		r := add("get", "read", "get", "read "+of, nil)
		r.responses = answers(model, ok)
		if s.Name == "log" {
			r.with(logOptions...)
			r.responses = answers("string", ok)
			r.produces = append([]string{"text/plain"}, objectTypes...)
		}
	}
	if has("update") {
		r := add("put", "replace", "put", "replace "+of, updateOptions)
		r.body, r.bodyNeeded = model, true
		r.responses = answers(model, ok, created)
	}
	if has("patch") {
		r := add("patch", "patch", "patch", "partially update "+of, patchOptions)
		r.body, r.bodyNeeded, r.consumes = meta+"Patch", true, patchTypes
		r.responses = answers(model, ok, created)
	}
	if has("create") {
		r := add("post", "create", "post", "create "+s.Name+" of "+withArticle(d.Kind), createOptions)
		r.body, r.bodyNeeded = model, true
		r.responses = answers(model, ok, created, accepted)
	}
	if len(item.routes) == 0 {
		return nil
	}
	return []pathItem{item}
}

// connectMethods are those of proxies, which pass on any request; other streams begin with the first two.
var connectMethods = []string{"get", "post", "delete", "head", "options", "patch", "put"}

// connect returns the paths of a subresource that hands the connection on: exec, attach, portforward,
// proxy. A proxy has a second path, for what follows it.
func (d describer) connect(s *kinds.Subresource, path string, params []parameter) []pathItem {
	methods := connectMethods[:2]
	proxy := slices.Contains(s.Verbs, "update")
	if proxy {
		methods = connectMethods
	}
	all := func(path, suffix string, params ...parameter) pathItem {
		item := pathItem{path: path}
		for _, method := range methods {
			r := d.route(method, "connect", title(method)+d.scoped()+title(s.Name)+suffix, "connect",
				"connect "+strings.ToUpper(method)+" requests to "+s.Name+" of "+d.Kind)
			r.kind = s.Kind
			r.parameters = slices.DeleteFunc(r.parameters, func(p parameter) bool { return p == pretty })
			r.with(nameParameter(s.Kind.Kind))
			r.with(params...)
			r.produces = anyType
			r.responses = answers("string", ok)
			item.routes = append(item.routes, *r)
		}
		return item
	}
	out := []pathItem{all(path, "", params...)}
	if proxy {
		out = append(out, all(path+"/{path}", "WithPath", append(slices.Clone(params), pathParameter)...))
	}
	return out
}
