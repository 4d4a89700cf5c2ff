package loop

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// Watch makes changes of an informer's objects add keys to the loop. keys says which an object concerns; it
// may look at what is gone, too, as it was last. On a change it is asked about both states.
func (l *Loop) Watch(informer cache.SharedIndexInformer, keys func(obj any) []Key) error {
	add := func(obj any) {
		if tombstone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
			obj = tombstone.Obj
		}
		for _, k := range keys(obj) {
			l.Add(k)
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: add,
		UpdateFunc: func(old, obj any) {
			add(obj)
			if !sameKeys(keys(old), keys(obj)) {
				add(old)
			}
		},
		DeleteFunc: add,
	})
	return err
}

func sameKeys(a, b []Key) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Itself is the key of an object.
func Itself(obj any) []Key {
	if o, ok := obj.(v1.Object); ok {
		return []Key{{Namespace: o.GetNamespace(), Name: o.GetName()}}
	}
	return nil
}

// Owner returns the key of the object's controller, if it is of that kind: what owns is told of changes of
// what it owns.
func Owner(kind string) func(obj any) []Key {
	return func(obj any) []Key {
		o, ok := obj.(v1.Object)
		if !ok {
			return nil
		}
		if c := v1.GetControllerOf(o); c != nil && c.Kind == kind {
			return []Key{{Namespace: o.GetNamespace(), Name: c.Name}}
		}
		return nil
	}
}

// Namespace is the key of the namespace an object is in.
func Namespace(obj any) []Key {
	if o, ok := obj.(v1.Object); ok && o.GetNamespace() != "" {
		return []Key{{Name: o.GetNamespace()}}
	}
	return nil
}
