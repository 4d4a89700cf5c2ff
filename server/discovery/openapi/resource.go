package openapi

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1."

var (
	anyType     = []string{"*/*"}
	objectTypes = []string{"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"}
	watchTypes  = append(slices.Clone(objectTypes), "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")
	patchTypes  = []string{"application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"}
)

// A describer makes the paths of one resource.
type describer struct {
	*kinds.Resource
	model func(schema.GroupVersionKind) string // name of a kind's definition
	base  string                               // "/apis/apps/v1"
}

// resourcePaths returns the paths of a built-in resource and its subresources.
func resourcePaths(r *kinds.Resource, model func(schema.GroupVersionKind) string) []pathItem {
	d := describer{Resource: r, model: model, base: basePath(r.GroupVersion())}
	var out []pathItem
	add := func(path string, routes ...*route) {
		p := pathItem{path: path}
		for _, r := range routes {
			if r != nil {
				p.routes = append(p.routes, *r)
			}
		}
		if len(p.routes) > 0 {
			out = append(out, p)
		}
	}
	collection := d.base + "/" + d.within() + r.Plural
	object := collection + "/{name}"
	add(collection, d.list(), d.create(), d.deleteCollection())
	add(object, d.get(), d.update(), d.patch(), d.delete())
	watched := d.base + "/watch/" + d.within() + r.Plural
	add(watched, d.watchList())
	add(watched+"/{name}", d.watch())
	if r.Namespaced {
		add(d.base+"/"+r.Plural, d.listAll())
		add(d.base+"/watch/"+r.Plural, d.watchListAll())
	}
	for _, s := range r.Subresources {
		out = append(out, d.subresource(s, object+"/"+s.Name)...)
	}
	return out
}

// basePath is where a group version is served.
func basePath(gv schema.GroupVersion) string {
	if gv.Group == "" {
		return "/api/" + gv.Version
	}
	return "/apis/" + gv.String()
}

// within is the part of a path that names the namespace.
func (d describer) within() string {
	if d.Namespaced {
		return "namespaces/{namespace}/"
	}
	return ""
}

// scoped is the kind as operation ids name it.
func (d describer) scoped() string {
	if d.Namespaced {
		return "Namespaced" + d.Kind
	}
	return d.Kind
}

func (d describer) has(verb string) bool { return slices.Contains(d.Verbs, verb) }

// route returns a route with what all routes of the resource have.
func (d describer) route(method, verb, rest, action, description string) *route {
	r := &route{
		method: method, id: operationID(verb, d.GroupVersion(), rest), tag: tagOf(d.GroupVersion()),
		action: action, description: description, kind: d.GroupVersionKind(),
		consumes: anyType, produces: objectTypes,
	}
	r.parameters = append(r.parameters, pretty)
	if d.Namespaced {
		r.parameters = append(r.parameters, namespaceParameter)
	}
	return r
}

func (d describer) own() string      { return d.model(d.GroupVersionKind()) }
func (d describer) ownList() string  { return d.model(d.GroupVersion().WithKind(d.Kind + "List")) }
func (r *route) with(p ...parameter) { r.parameters = append(r.parameters, p...) }

func (d describer) list() *route {
	if !d.has("list") {
		return nil
	}
	r := d.route("get", "list", d.scoped(), "list", d.listDescription())
	r.with(listOptions...)
	r.produces = watchTypes
	r.responses = answers(d.ownList(), ok)
	return r
}

func (d describer) listDescription() string {
	if d.has("watch") {
		return "list or watch objects of kind " + d.Kind
	}
	return "list objects of kind " + d.Kind
}

// listAll is the list of all namespaces.
func (d describer) listAll() *route {
	r := d.list()
	if r == nil {
		return nil
	}
	r.id = operationID("list", d.GroupVersion(), d.Kind+"ForAllNamespaces")
	r.parameters = slices.DeleteFunc(r.parameters, func(p parameter) bool { return p == namespaceParameter })
	return r
}

func (d describer) create() *route {
	if !d.has("create") {
		return nil
	}
	r := d.route("post", "create", d.scoped(), "post", "create "+withArticle(d.Kind))
	r.with(createOptions...)
	r.body, r.bodyNeeded = d.own(), true
	r.responses = answers(d.own(), ok, created, accepted)
	return r
}

func (d describer) deleteCollection() *route {
	if !d.has("deletecollection") {
		return nil
	}
	r := d.route("delete", "delete", "Collection"+d.scoped(), "deletecollection", "delete collection of "+d.Kind)
	r.with(deleteAllOptions...)
	r.body = meta + "DeleteOptions"
	r.responses = answers(meta+"Status", ok)
	return r
}

func (d describer) get() *route {
	if !d.has("get") {
		return nil
	}
	r := d.route("get", "read", d.scoped(), "get", "read the specified "+d.Kind)
	r.with(nameParameter(d.Kind))
	r.responses = answers(d.own(), ok)
	return r
}

func (d describer) update() *route {
	if !d.has("update") {
		return nil
	}
	r := d.route("put", "replace", d.scoped(), "put", "replace the specified "+d.Kind)
	r.with(nameParameter(d.Kind))
	r.with(updateOptions...)
	r.body, r.bodyNeeded = d.own(), true
	r.responses = answers(d.own(), ok, created)
	return r
}

func (d describer) patch() *route {
	if !d.has("patch") {
		return nil
	}
	r := d.route("patch", "patch", d.scoped(), "patch", "partially update the specified "+d.Kind)
	r.with(nameParameter(d.Kind))
	r.with(patchOptions...)
	r.body, r.bodyNeeded, r.consumes = meta+"Patch", true, patchTypes
	r.responses = answers(d.own(), ok, created)
	return r
}

func (d describer) delete() *route {
	if !d.has("delete") {
		return nil
	}
	r := d.route("delete", "delete", d.scoped(), "delete", "delete "+withArticle(d.Kind))
	r.with(nameParameter(d.Kind))
	r.with(deleteOptions...)
	r.body = meta + "DeleteOptions"
	model := meta + "Status"
	if d.Delete.ReturnsObject && d.Delete.Mark == nil { // of a kind that is marked first, documents say Status
		model = d.own()
	}
	r.responses = answers(model, ok, accepted)
	return r
}

// Paths below /watch/ are from before lists could be watched. They are still served.

func (d describer) watchList() *route {
	if !d.has("watch") {
		return nil
	}
	r := d.route("get", "watch", d.scoped()+"List", "watchlist",
		"watch individual changes to a list of "+d.Kind+". deprecated: use the 'watch' parameter with a list operation instead.")
	r.with(listOptions...)
	r.produces = watchTypes
	r.responses = answers(meta+"WatchEvent", ok)
	return r
}

func (d describer) watchListAll() *route {
	r := d.watchList()
	if r == nil {
		return nil
	}
	r.id = operationID("watch", d.GroupVersion(), d.Kind+"ListForAllNamespaces")
	r.parameters = slices.DeleteFunc(r.parameters, func(p parameter) bool { return p == namespaceParameter })
	return r
}

func (d describer) watch() *route {
	r := d.watchList()
	if r == nil {
		return nil
	}
	r.id = operationID("watch", d.GroupVersion(), d.scoped())
	r.action = "watch"
	r.description = "watch changes to an object of kind " + d.Kind +
		". deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter."
	r.with(nameParameter(d.Kind))
	return r
}
