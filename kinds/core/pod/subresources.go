package pod

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

func subresources() []*kinds.Subresource {
	part := []string{"get", "patch", "update"}
	stream := []string{"create", "get"}
	return []*kinds.Subresource{
		handled("attach", "PodAttachOptions", stream),
		handled("binding", "Binding", []string{"create"}),
		{Name: "ephemeralcontainers", Verbs: part, Part: rules(kinds.For[*corev1.Pod]{
			PrepareUpdate:  prepareEphemeralContainers,
			ValidateUpdate: validateEphemeralContainers,
			ResetFields:    nil,
		})},
		{Name: "eviction", Verbs: []string{"create"}, Handler: true, Kind: schema.GroupVersionKind{Group: "policy", Version: "v1", Kind: "Eviction"}},
		handled("exec", "PodExecOptions", stream),
		{Name: "log", Verbs: []string{"get"}, Handler: true},
		handled("portforward", "PodPortForwardOptions", stream),
		handled("proxy", "PodProxyOptions", []string{"create", "delete", "get", "patch", "update"}),
		{Name: "resize", Verbs: part, Part: rules(kinds.For[*corev1.Pod]{
			PrepareUpdate:  prepareResize,
			ValidateUpdate: validateResize,
		})},
		{Name: "status", Verbs: part, Part: rules(kinds.For[*corev1.Pod]{
			PrepareUpdate:  prepareStatus,
			ValidateUpdate: validateStatus,
			ResetFields:    []string{"metadata.deletionTimestamp", "metadata.ownerReferences", "spec"},
		})},
	}
}

func handled(name, kind string, verbs []string) *kinds.Subresource {
	return &kinds.Subresource{Name: name, Verbs: verbs, Handler: true, Kind: schema.GroupVersionKind{Version: "v1", Kind: kind}}
}

func rules(f kinds.For[*corev1.Pod]) *kinds.Rules {
	r := f.Rules()
	return &r
}
