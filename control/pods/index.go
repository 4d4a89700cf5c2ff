package pods

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

// byController is the index of objects by the uid of their controller; those without one are under their
// namespace with orphan before it.
const (
	byController = "nave.controller"
	orphan       = "orphan/"
)

// Index makes the informer's objects findable by their controllers. Controllers that share the informer
// share the index.
func Index(informer cache.SharedIndexInformer) error {
	if _, ok := informer.GetIndexer().GetIndexers()[byController]; ok {
		return nil
	}
	return informer.AddIndexers(cache.Indexers{byController: func(obj any) ([]string, error) {
		o, ok := obj.(metav1.Object)
		if !ok {
			return nil, nil
		}
		if c := metav1.GetControllerOfNoCopy(o); c != nil {
			return []string{string(c.UID)}, nil
		}
		return []string{orphan + o.GetNamespace()}, nil
	}})
}

// Owned returns the objects whose controller has the uid.
func Owned[T any](indexer cache.Indexer, uid types.UID) []T { return indexed[T](indexer, string(uid)) }

// Orphans returns the objects of the namespace that have no controller.
func Orphans[T any](indexer cache.Indexer, namespace string) []T {
	return indexed[T](indexer, orphan+namespace)
}

func indexed[T any](indexer cache.Indexer, value string) []T {
	objs, err := indexer.ByIndex(byController, value)
	if err != nil {
		return nil // there is no such index: the controller did not ask for it
	}
	out := make([]T, 0, len(objs))
	for _, o := range objs {
		if t, ok := o.(T); ok {
			out = append(out, t)
		}
	}
	return out
}

// Filter returns the pods for which keep is true.
func Filter(pods []*corev1.Pod, keep func(*corev1.Pod) bool) []*corev1.Pod {
	var out []*corev1.Pod
	for _, p := range pods {
		if keep(p) {
			out = append(out, p)
		}
	}
	return out
}
