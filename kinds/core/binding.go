package core

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

// binding is the old way to assign a pod to a node: nothing is stored, a handler of the server does what
// pods/binding does.
func binding() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "Binding",
		Plural: "bindings", Singular: "binding",
		Namespaced: true, Verbs: []string{"create"},
		New: func() runtime.Object { return &corev1.Binding{} },
	}
}
