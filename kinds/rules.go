package kinds

import (
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Input is what rules may know besides the objects.
type Input struct {
	Now  time.Time
	User authenticationv1.UserInfo // who asks; CertificateSigningRequest records it
	// Version is the group and version of the request, which can differ from the object's where the kind
	// has a Hub: events are checked more strictly when they come as events.k8s.io/v1.
	Version schema.GroupVersion
}

// Rules are the functions of a kind, in the order the engine calls them. Each may be nil. They change
// only the object they are given as obj; old is what is stored and must not be changed.
//
// Object metadata is the engine's: it checks it for every kind (with ValidateName), before Validate and
// ValidateUpdate are asked, so rules do not. The engine also keeps uid, creationTimestamp, deletion
// fields and resourceVersion right.
type Rules struct {
	// Default fills in what the client left out. It runs on every decoded object, on create, update and
	// patch, and on objects read from storage before an update.
	Default func(obj Object)

	// PrepareCreate drops what a client may not set (status), and sets what the server sets.
	PrepareCreate func(in Input, obj Object)
	// PrepareUpdate does the same on update: keeps status from old, raises metadata.generation.
	PrepareUpdate func(in Input, obj, old Object)

	// ValidateName returns what is wrong with a name, or with a generateName prefix if prefix is true.
	// Nil: a DNS-1123 subdomain.
	ValidateName func(name string, prefix bool) []string

	// Validate and ValidateUpdate return all errors in the order kube-apiserver reports them.
	// ValidateUpdate must include what Validate would say of obj, where kube-apiserver does.
	Validate       func(in Input, obj Object) field.ErrorList
	ValidateUpdate func(in Input, obj, old Object) field.ErrorList

	// Warn returns texts for Warning headers; old is nil on create.
	Warn func(obj, old Object) []string

	// ResetFields are the top-level paths ("status", "metadata.finalizers") that this way of writing
	// ignores; managedFields of the request's manager leave them out. Nil: none.
	ResetFields []string
}

// For is Rules with the kind's own type: For[*appsv1.Deployment]{...}.Rules().
type For[T Object] struct {
	Default        func(obj T)
	PrepareCreate  func(in Input, obj T)
	PrepareUpdate  func(in Input, obj, old T)
	ValidateName   func(name string, prefix bool) []string
	Validate       func(in Input, obj T) field.ErrorList
	ValidateUpdate func(in Input, obj, old T) field.ErrorList
	Warn           func(obj, old T) []string // old is nil on create
	ResetFields    []string
}

// Rules erases the type.
func (f For[T]) Rules() Rules {
	r := Rules{ValidateName: f.ValidateName, ResetFields: f.ResetFields}
	if f.Default != nil {
		r.Default = func(obj Object) { f.Default(obj.(T)) }
	}
	if f.PrepareCreate != nil {
		r.PrepareCreate = func(in Input, obj Object) { f.PrepareCreate(in, obj.(T)) }
	}
	if f.PrepareUpdate != nil {
		r.PrepareUpdate = func(in Input, obj, old Object) { f.PrepareUpdate(in, obj.(T), old.(T)) }
	}
	if f.Validate != nil {
		r.Validate = func(in Input, obj Object) field.ErrorList { return f.Validate(in, obj.(T)) }
	}
	if f.ValidateUpdate != nil {
		r.ValidateUpdate = func(in Input, obj, old Object) field.ErrorList { return f.ValidateUpdate(in, obj.(T), old.(T)) }
	}
	if f.Warn != nil {
		r.Warn = func(obj, old Object) []string {
			var o T
			if old != nil {
				o = old.(T)
			}
			return f.Warn(obj.(T), o)
		}
	}
	return r
}
