// Package admit is stage 5: it may change a write (Mutate) and, once the object is valid, refuse it
// (Review). Each plugin is a folder below this one; chain.go runs them in the order that
// facts call kube-apiserver's (order.go). Stage 4 is the caller. Package builtin, below, makes the chain of
// all plugins; plugins import this package and nothing else of the server.
package admit

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// Operation is what a write does.
type Operation string

// The operations, named as AdmissionReview names them.
const (
	Create  Operation = "CREATE"
	Update  Operation = "UPDATE"
	Delete  Operation = "DELETE"
	Connect Operation = "CONNECT"
)

// Attributes is one write on its way through admission.
type Attributes struct {
	Request     *request.Request
	Resource    *kinds.Resource // the resource of the request; its hub's version is what Object has
	Subresource string
	Namespace   string
	Name        string // "" on a create with generateName before the name is made
	Operation   Operation

	// Object is the new object, in the version of Resource.Root(): nil on Delete. On subresources with
	// a kind of their own (Binding, Eviction, TokenRequest, Scale) and on Connect (PodExecOptions, ...)
	// it is that. Mutate may change it in place. OldObject is what is stored: nil on Create and Connect.
	Object    runtime.Object
	OldObject runtime.Object

	// Options are the *metav1.CreateOptions, *UpdateOptions (patch too), or *DeleteOptions.
	Options runtime.Object
	DryRun  bool
	Now     metav1.Time

	// Round is 0, and 1 when all mutators run once more because one of them asked for it with Again.
	Round int
	again bool
	known map[string]any
}

// Again asks the chain to let all mutators see the object once more, after all have seen it. In the second round
// it does nothing.
func (a *Attributes) Again() { a.again = true }

// Remember keeps what a plugin wants to know in the second round.
func (a *Attributes) Remember(plugin string, what any) {
	if a.known == nil {
		a.known = map[string]any{}
	}
	a.known[plugin] = what
}

// Recall returns what the plugin remembered, nil if nothing.
func (a *Attributes) Recall(plugin string) any { return a.known[plugin] }

// Is reports whether the write is to this resource of this group, and not to a subresource of it.
func (a *Attributes) Is(group, plural string) bool {
	return a.Resource.Group == group && a.Resource.Plural == plural && a.Subresource == ""
}

// A Plugin decides on writes. Its methods are called by many goroutines at once. An error that is an
// API status error goes to the client as it is; see Forbidden for the usual one.
type Plugin interface {
	// Name is the plugin's name in --enable-admission-plugins.
	Name() string
	// Handles reports whether the plugin wants writes of this kind at all.
	Handles(op Operation) bool
}

// A Mutator is a plugin that may change the object; it runs before validation.
type Mutator interface {
	Plugin
	Mutate(ctx context.Context, a *Attributes) error
}

// A Reviewer is a plugin that may refuse; it runs after validation and must not change the object.
type Reviewer interface {
	Plugin
	Review(ctx context.Context, a *Attributes) error
}

// A Reader is how plugins read other objects: from the watch cache, without a request of their own. A
// returned object may be shared with other readers and must not be changed.
//
// Everything a plugin asks for on each write must be cheap when there is nothing to find: List of a
// namespace without objects, and Revision, decode nothing.
type Reader interface {
	// Get returns the object, or a NotFound status error. What was acknowledged to any client of this
	// server before the call is seen.
	Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error)
	// List returns all objects in the namespace, sorted by namespace and name; "" for all namespaces.
	List(ctx context.Context, group, plural, namespace string) ([]kinds.Object, error)
	// Revision is a number that is a different one whenever Get (List, where name is "") could answer
	// differently. It may change more often than that, so for a List the revision of the latest change to
	// any object of the resource will do. For Get it is the object's revision, and 0 means that there is no
	// such object. It sees what Get sees.
	Revision(ctx context.Context, group, plural, namespace, name string) (int64, error)
	// Sync waits until what any server had acknowledged before the call is seen. Plugins call it before
	// they refuse a write because something is missing.
	Sync(ctx context.Context) error
}

// A Writer is how plugins change other objects (a quota's usage, a namespace made on demand).
type Writer interface {
	// Update calls change with a copy of the current object, which it changes in place; it is called again
	// when another writer was faster. An error of change ends it and is returned as it is.
	Update(ctx context.Context, group, plural, subresource, namespace, name string, change func(kinds.Object) error) error
	// Create stores a new object.
	Create(ctx context.Context, group, plural string, obj kinds.Object) error
}
