// Package subresource serves what is created but never stored: bindings, evictions, tokens of service
// accounts, and the review kinds. Stage 4 is the caller: it decodes the body into New, defaults it, runs
// mutating admission and managed fields, calls Create and encodes what comes back with 201. An error that
// is an API status error goes to the client as it is; any other is a 500 with its text.
//
// Handlers keep no state. They change other objects through the interfaces below alone, so that a
// dry run changes nothing.
package subresource

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// A Handler serves the POSTs to one subresource, or to one resource that is not stored.
type Handler struct {
	// Kind is what the body is decoded as. Others are versions of it that a body may name instead; they
	// have the same fields.
	Kind   schema.GroupVersionKind
	Others []schema.GroupVersionKind
	// New returns an empty object of Kind.
	New func() runtime.Object
	// Default fills in what the client left out; nil if there is nothing.
	Default func(obj runtime.Object)
	// Create does what the object asks and returns the answer: a *metav1.Status with its code set, or an
	// object of Kind without TypeMeta. It may change and keep c.Object.
	Create func(ctx context.Context, c *Call) (runtime.Object, error)
}

// A Call is one POST.
type Call struct {
	Request   *request.Request // who asks; warnings and audit annotations go there
	Namespace string           // of the URL; "" on cluster-wide resources
	Name      string           // of the URL; "" on resources that are not stored
	Object    runtime.Object   // decoded, defaulted, admitted
	DryRun    bool
	// Review asks admission's reviewers about Object; handlers call it where kube-apiserver does, once
	// the object is known to be valid. Nil: nobody is asked.
	Review func(ctx context.Context) error
}

func (c *Call) review(ctx context.Context) error {
	if c.Review == nil {
		return nil
	}
	return c.Review(ctx)
}

// A Reader reads other objects. What it returns is the caller's own copy.
type Reader interface {
	// Get returns the object, or a NotFound status error.
	Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error)
	// List returns all objects in the namespace.
	List(ctx context.Context, group, plural, namespace string) ([]kinds.Object, error)
}

// A Writer changes other objects on the server's behalf. change gets the object as it is stored, with its
// resourceVersion, and changes it in place; it is called again when another writer was faster, and its
// error ends the attempt and is returned as it is.
type Writer interface {
	// Update writes as the manager kube-apiserver, under the kind's rules for the subresource.
	Update(ctx context.Context, group, plural, subresource, namespace, name string, change func(kinds.Object) error) error
	// Set writes what change made of the object: no rule, admission or managed field has a say. It
	// returns the object as it is stored now, with its new resourceVersion.
	Set(ctx context.Context, group, plural, namespace, name string, change func(kinds.Object) error) (kinds.Object, error)
}

// A Deleter deletes as a client's DELETE does once it is authorized and admitted: options are validated,
// grace periods, finalizers and dry run are honoured.
type Deleter interface {
	Delete(ctx context.Context, group, plural, namespace, name string, options *metav1.DeleteOptions) error
}

// Clock tells the time.
type Clock func() time.Time

// success is the answer of subresources that have nothing to show.
func success() *metav1.Status {
	return &metav1.Status{Status: metav1.StatusSuccess, Code: 201}
}
