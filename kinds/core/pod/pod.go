// Package pod makes the kind Pod: its value, and the rules that only pods have; those of a pod spec wherever
// it stands are kinds/podspec. A file is a stage or a subresource: defaults, create, update, status,
// ephemeral containers, resize, deletion, the table. Callers: kinds/core for the value; the eviction,
// binding and admission code for QOSClass and the like. Everything here is pure.
package pod

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

// Resource returns the kind.
func Resource() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "Pod",
		Plural: "pods", Singular: "pod", ShortNames: []string{"po"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.Pod{} },
		NewList: func() runtime.Object { return &corev1.PodList{} },
		Storage: kinds.Storage{Key: "pods", APIVersion: "v1"},
		Rules: kinds.For[*corev1.Pod]{
			Default:        Default,
			PrepareCreate:  prepareCreate,
			PrepareUpdate:  prepareUpdate,
			Validate:       validateCreate,
			ValidateUpdate: validateUpdate,
			Warn:           warn,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table:        table(),
		Fields:       selectable(),
		Delete:       kinds.Deletion{ReturnsObject: true, Grace: grace},
		Subresources: subresources(),
	}
}
