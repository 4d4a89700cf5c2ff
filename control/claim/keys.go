package claim

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/control/loop"
)

// Keys returns a function for loop.Watch that says whom of the given kind a change of an object concerns: who
// controls it; or, where nobody does, all who could adopt it. list returns those of a namespace, out of a
// cache.
func Keys[T metav1.Object](kind schema.GroupVersionKind, list func(namespace string) []T, selector func(T) (labels.Selector, error)) func(obj any) []loop.Key {
	return func(obj any) []loop.Key {
		o, ok := obj.(metav1.Object)
		if !ok {
			return nil
		}
		if ref := metav1.GetControllerOfNoCopy(o); ref != nil {
			if ref.Kind != kind.Kind || ref.APIVersion != kind.GroupVersion().String() {
				return nil
			}
			return []loop.Key{{Namespace: o.GetNamespace(), Name: ref.Name}}
		}
		if len(o.GetLabels()) == 0 {
			return nil
		}
		var keys []loop.Key
		for _, owner := range list(o.GetNamespace()) {
			if s, err := selector(owner); err == nil && !s.Empty() && s.Matches(labels.Set(o.GetLabels())) {
				keys = append(keys, loop.Key{Namespace: owner.GetNamespace(), Name: owner.GetName()})
			}
		}
		return keys
	}
}

// Listed is the list of a lister of a cache, which does not fail.
func Listed[T any](list []T, _ error) []T { return list }
