// Package kinds holds what the server knows of a kind of object, as values: names, storage, rules,
// columns, subresources. A folder for each API group below it makes the values (kinds/core, kinds/apps),
// kinds/builtin lists them all, and a CustomResourceDefinition compiles into the very same value.
//
// Their rules are stage 6. Everything here is pure: no function of a kind reads a clock, a random source, a store or the network.
// What a rule needs from outside comes in Input. The engine (server/resource) is the caller; it knows no
// kind by name.
package kinds

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is any API object: a pointer to a published type of k8s.io/api, or *unstructured.Unstructured.
type Object interface {
	metav1.Object
	runtime.Object
}

// A Resource is one kind as one API version serves it. It is read-only once it is in a Set.
type Resource struct {
	Group   string // "" for the core group
	Version string
	Kind    string

	Plural     string
	Singular   string
	ShortNames []string
	Categories []string
	Namespaced bool
	Verbs      []string // sorted; AllVerbs for nearly every kind

	// Deprecated is the text of a Warning header that every request to the resource is answered with.
	Deprecated string

	// New returns an empty object; NewList an empty list of them. Both have no TypeMeta set.
	New     func() runtime.Object
	NewList func() runtime.Object

	// Storage says where and how objects are kept. The zero value: they are not (reviews, bindings).
	Storage Storage

	// Hub is the resource whose version is stored and validated, where this one is a second version of
	// the same kind (autoscaling/v1, events.k8s.io/v1); nil otherwise. ToHub and FromHub convert; the
	// argument is not changed, and the result may share memory with it. Of the Rules of such a resource only
	// ValidateName is used.
	Hub     *Resource
	ToHub   func(Object) Object
	FromHub func(Object) Object

	Rules  Rules
	Table  Table
	Fields Fields
	Delete Deletion

	// Bare, when set, fills in what an object that says nothing is shown with: bookmarks are such objects.
	Bare func(Object)
	// FieldAnnotations are keys of annotations that are really fields of the kind. They are not among the
	// annotations where metadata stands alone: in rows of tables and in PartialObjectMetadata.
	FieldAnnotations []string

	// GenerateName makes a name of metadata.generateName. Nil: five random characters are added.
	GenerateName func(prefix string) string
	// CreateOnUpdate: a PUT to a name that does not exist creates it.
	CreateOnUpdate bool
	// RequireVersionOnUpdate: a PUT without metadata.resourceVersion is refused.
	RequireVersionOnUpdate bool

	Subresources []*Subresource
}

// AllVerbs are the verbs of a resource that is stored and has nothing special.
var AllVerbs = []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}

// Storage says where in etcd objects live.
type Storage struct {
	// Key is what follows "/registry/", without a slash at either end: "pods", "services/specs".
	Key string
	// APIVersion is written into stored bytes: "apps/v1". It can differ from the served version.
	APIVersion string
	// JSON: stored as JSON, not as protobuf with the k8s\0 prefix.
	JSON bool
	// Encode and Decode, when set, convert between the served object and the stored JSON where the two
	// differ by more than the version's name (CustomResourceDefinition is stored as v1beta1).
	Encode func(Object) ([]byte, error)
	Decode func([]byte) (Object, error)
	// Restore, when set, puts into an object that was read from storage what its stored form leaves out.
	Restore func(Object)
	// TTL in seconds after which an object expires; nil or 0 for never.
	TTL func(Object) int64
}

// Deletion says what DELETE does with a kind.
type Deletion struct {
	// ReturnsObject: the answer to a DELETE that removes the object is the object, not a Status.
	ReturnsObject bool
	// DefaultPropagation when the options name none. "" is Background.
	DefaultPropagation metav1.DeletionPropagation
	// NoGC: the kind takes no part in garbage collection; propagation options change nothing.
	NoGC bool
	// Grace returns the grace period in seconds for this deletion and whether the kind deletes
	// gracefully at all. Nil: never gracefully.
	Grace func(obj Object, options *metav1.DeleteOptions) (seconds int64, graceful bool)
	// Mark: the first DELETE only marks the object, whatever finalizers it has: the engine sets
	// deletionTimestamp (and no grace period), calls Mark and stores it. A later DELETE is an ordinary
	// one. Nil: one DELETE removes what nothing holds. (Namespace: the phase becomes Terminating.)
	Mark func(obj Object)
	// Held reports whether something besides metadata.finalizers keeps a terminating object. An update
	// after which nothing does removes it. Nil: nothing. (Namespace: spec.finalizers.)
	Held func(obj Object) bool
	// Warn returns texts for the Warning headers of a DELETE of an object or a collection, by its options
	// alone. Nil: none. (Job: its pods stay unless the client says otherwise.)
	Warn func(options *metav1.DeleteOptions) []string
	// ValidateDelete may refuse a deletion with an API status error. Nil: it never does.
	ValidateDelete func(obj Object) error
}

// GroupVersion returns the group and version the resource is served under.
func (r *Resource) GroupVersion() schema.GroupVersion {
	return schema.GroupVersion{Group: r.Group, Version: r.Version}
}

// GroupVersionKind returns group, version and kind.
func (r *Resource) GroupVersionKind() schema.GroupVersionKind {
	return r.GroupVersion().WithKind(r.Kind)
}

// GroupVersionResource returns group, version and plural name.
func (r *Resource) GroupVersionResource() schema.GroupVersionResource {
	return r.GroupVersion().WithResource(r.Plural)
}

// GroupResource returns group and plural name, as error messages show it.
func (r *Resource) GroupResource() schema.GroupResource {
	return schema.GroupResource{Group: r.Group, Resource: r.Plural}
}

// Root returns the resource that is stored: the hub, or the resource itself.
func (r *Resource) Root() *Resource {
	if r.Hub != nil {
		return r.Hub
	}
	return r
}

// Stored reports whether objects of the resource are kept.
func (r *Resource) Stored() bool { return r.Root().Storage.Key != "" }

// Subresource returns the named subresource, nil if there is none.
func (r *Resource) Subresource(name string) *Subresource {
	for _, s := range r.Subresources {
		if s.Name == name {
			return s
		}
	}
	return nil
}
