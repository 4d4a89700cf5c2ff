// Package resource is stage 4: what a request for a resource does, one file for each verb: decode,
// default, mutate, validate, review, store. It works on kinds.Resource values and knows no kind by name;
// what a kind needs besides its rules (addresses for services) comes in as Effects, and subresources that
// are no part of their object as Handlers, both registered by whoever assembles the server.
//
// Reads come from the watch cache (store/cache) and are never older than what was acknowledged before
// them, unless the client asks for less. Writes are compare-and-swap on the store and durable when they
// answer.
package resource

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
)

// Admission is stage 5 as the engine sees it.
type Admission interface {
	Mutate(ctx context.Context, a *admit.Attributes) error
	Review(ctx context.Context, a *admit.Attributes) error
}

// Effects are what writes of a kind do beside the object itself. The function returned by Create and
// Update is called once with whether the write took place.
type Effects interface {
	Create(ctx context.Context, obj kinds.Object, dryRun bool) (done func(ok bool), err error)
	Update(ctx context.Context, obj, old kinds.Object, dryRun bool) (done func(ok bool), err error)
	Deleted(ctx context.Context, obj kinds.Object)
}

// A Check is validation of a new object that rules cannot do, because it needs other objects. What it
// returns comes before what the rules find.
type Check func(ctx context.Context, obj kinds.Object) field.ErrorList

// A Guard decides whether a write of a kind may be, once it is known what is written: after mutation, before
// validation. old is nil for an object that is new. (Roles: nobody gives rights that they do not hold.)
type Guard func(ctx context.Context, r *request.Request, obj, old kinds.Object) error

// A Handler serves a subresource, or a resource that is not stored. An error it returns becomes a Status.
type Handler func(w http.ResponseWriter, r *request.Request) error

// Config is what an Engine is made of.
type Config struct {
	Kinds     *kinds.Set
	Store     store.Store
	Cache     *cache.Cache
	Admission Admission
	Types     managedfields.TypeConverter
	// Handlers by GROUP/RESOURCE/SUBRESOURCE, or GROUP/RESOURCE for one that is not stored; the core
	// group is "".
	Handlers map[string]Handler
	// Effects by GROUP/RESOURCE.
	Effects map[string]Effects
	// Checks by GROUP/RESOURCE.
	Checks map[string]Check
	// Guards by GROUP/RESOURCE.
	Guards map[string]Guard
	// MayCreate decides whether the user of a PUT or an apply may create what it does not find.
	MayCreate func(ctx context.Context, r *request.Request) error
	Now       func() time.Time
	// MaxBody is the most bytes a body may have.
	MaxBody int64
	// MinTimeout is the shortest time a watch lasts whose client names none; each gets up to twice that.
	MinTimeout time.Duration
}

// Engine serves resources. Its methods may be called by many goroutines at once.
type Engine struct {
	Config
	indexes map[*kinds.Resource]*cache.Index // by root; fixed after New
	roots   map[schema.GroupResource]*kinds.Resource
	// acknowledged is the newest revision that a write of this server was answered with.
	acknowledged atomic.Int64
	forms        codec.Forms
	managers     sync.Map // managerKey -> *managedfields.FieldManager
	sound        codec.Checker
	large        chan struct{} // turns to work on a large body
}

// New returns an engine over the given parts.
func New(c Config) *Engine {
	e := &Engine{Config: c, indexes: map[*kinds.Resource]*cache.Index{}, roots: map[schema.GroupResource]*kinds.Resource{}, large: make(chan struct{}, largeTurns)}
	for _, r := range c.Kinds.All() {
		if root := r.Root(); root.Stored() && e.indexes[root] == nil {
			e.indexes[root] = c.Cache.Index(indexConfig(root))
			e.roots[root.GroupResource()] = root
		}
	}
	return e
}

func (e *Engine) index(r *kinds.Resource) *cache.Index { return e.indexes[r.Root()] }

// Serve answers a request for a resource. The error, if any, is for respond.Error.
func (e *Engine) Serve(w http.ResponseWriter, r *request.Request) error {
	res := e.Kinds.Resource(schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Resource})
	if res != nil && len(r.Parts) == 3 && r.Name == "" && res.Subresource(r.Subresource) != nil {
		return apierrors.NewBadRequest("name must be provided")
	}
	if res == nil || !wellFormed(res, r) {
		return respond.NotFoundRoute()
	}
	if res.Deprecated != "" && has(res.Verbs, r.Verb) && (r.Subresource == "" || res.Subresource(r.Subresource) != nil) {
		r.Warn(res.Deprecated)
	}
	if r.Subresource != "" {
		return e.serveSubresource(w, r, res)
	}
	if !res.Stored() && r.Name != "" && !slices.Contains(res.Verbs, "get") {
		return respond.NotFoundRoute()
	}
	verb, err := routeVerb(res, r)
	if err != nil {
		return err
	}
	if !res.Stored() {
		h := e.Handlers[res.Group+"/"+res.Plural]
		if h == nil {
			return respond.MethodNotAllowedRoute()
		}
		return h(w, r)
	}
	switch verb {
	case "get":
		return e.get(w, r, res)
	case "list":
		return e.list(w, r, res)
	case "watch":
		return e.watch(w, r, res)
	case "create":
		return e.create(w, r, res)
	case "update":
		return e.update(w, r, res, nil)
	case "patch":
		return e.patch(w, r, res, nil)
	case "delete":
		return e.delete(w, r, res)
	case "deletecollection":
		return e.deleteCollection(w, r, res)
	}
	return respond.MethodNotAllowedRoute()
}

// wellFormed reports whether the path fits the scope of the resource.
func wellFormed(res *kinds.Resource, r *request.Request) bool {
	if r.Malformed {
		return false
	}
	if r.Namespace != "" && !res.Namespaced && res.Plural != "namespaces" {
		return false
	}
	if r.Subresource == "proxy" {
		return true // the rest of the path is the backend's
	}
	return len(r.Parts) <= 3
}

// routeVerb is the request's verb if the resource has it at this place: objects of namespaced kinds are
// reached through a namespace only.
func routeVerb(res *kinds.Resource, r *request.Request) (string, error) {
	if !res.Stored() && res.Namespaced && r.Namespace == "" {
		return "", respond.NotFoundRoute() // nothing can be listed across namespaces
	}
	if res.Namespaced && r.Namespace == "" {
		switch {
		case r.Name != "" && r.Verb != "watch", r.Name != "" && len(r.Parts) > 1 && r.Verb == "watch":
			return "", respond.NotFoundRoute()
		case r.Verb == "create", r.Verb == "deletecollection":
			return "", respond.MethodNotAllowedRoute()
		}
	}
	if r.HTTP.Method == http.MethodHead || r.Verb == "watch" && r.HTTP.Method != http.MethodGet {
		return "", respond.MethodNotAllowedRoute()
	}
	verb := r.Verb
	for _, v := range res.Verbs {
		if v == verb {
			if placed(verb, r.Name != "") {
				return verb, nil
			}
		}
	}
	return "", respond.MethodNotAllowedRoute()
}

// placed reports whether a verb is at home where it is used: on a collection or on an object.
func placed(verb string, object bool) bool {
	switch verb {
	case "create":
		return !object
	case "update", "patch":
		return object
	}
	return true
}

func (e *Engine) serveSubresource(w http.ResponseWriter, r *request.Request, res *kinds.Resource) error {
	sub := res.Subresource(r.Subresource)
	if sub == nil || res.Namespaced && r.Namespace == "" {
		return respond.NotFoundRoute()
	}
	verb := r.Verb
	if verb == "watch" {
		verb = "get"
	}
	if sub.Name == "proxy" && r.HTTP.Method == http.MethodOptions {
		verb = "get" // it has no verb of its own, but a backend may know it
	}
	if r.HTTP.Method == http.MethodHead && !sub.Handler || !has(sub.Verbs, verb) {
		return respond.MethodNotAllowedRoute()
	}
	switch {
	case sub.Handler:
		h := e.Handlers[res.Group+"/"+res.Plural+"/"+sub.Name]
		if h == nil {
			return respond.MethodNotAllowedRoute()
		}
		return h(w, r)
	case sub.Scale != nil && verb == "get":
		return e.getScale(w, r, res, sub)
	case verb == "get":
		return e.get(w, r, res)
	case verb == "update":
		return e.update(w, r, res, sub)
	case verb == "patch":
		return e.patch(w, r, res, sub)
	}
	return respond.MethodNotAllowedRoute()
}

func has(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// key is the etcd key of an object.
func key(res *kinds.Resource, namespace, name string) string {
	root := res.Root()
	if root.Namespaced {
		return "/registry/" + root.Storage.Key + "/" + namespace + "/" + name
	}
	return "/registry/" + root.Storage.Key + "/" + name
}

// prefix is what the keys of a namespace's objects, or of all, begin with.
func prefix(res *kinds.Resource, namespace string) string {
	root := res.Root()
	if root.Namespaced && namespace != "" {
		return "/registry/" + root.Storage.Key + "/" + namespace + "/"
	}
	return "/registry/" + root.Storage.Key + "/"
}

// guard asks the kind's guard, if it has one.
func (e *Engine) guard(ctx context.Context, r *request.Request, root *kinds.Resource, obj, old kinds.Object) error {
	if g := e.Guards[root.Group+"/"+root.Plural]; g != nil {
		return g(ctx, r, obj, old)
	}
	return nil
}

// input is what rules may know of the request.
func (e *Engine) input(r *request.Request) kinds.Input {
	return kinds.Input{Now: e.Now(), User: r.User, Version: schema.GroupVersion{Group: r.Group, Version: r.Version}}
}

// decodeEntry returns a stored object as its root has it.
func decodeEntry(res *kinds.Resource, kv *store.KeyValue) (kinds.Object, error) {
	return codec.Decode(res.Root(), kv.Value, kv.Revision)
}
