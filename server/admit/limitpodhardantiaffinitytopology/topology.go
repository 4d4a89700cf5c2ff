// Package limitpodhardantiaffinitytopology is the plugin LimitPodHardAntiAffinityTopology: a pod may demand to be
// apart from others by node, but not to have a zone or more for itself.
package limitpodhardantiaffinitytopology

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is LimitPodHardAntiAffinityTopology.
type Plugin struct{}

// Name is the plugin's name.
func (Plugin) Name() string { return "LimitPodHardAntiAffinityTopology" }

// Handles reports whether the plugin wants writes of this kind.
func (Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Review refuses required anti-affinity over any other topology than the host.
func (Plugin) Review(_ context.Context, a *admit.Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !a.Is("", "pods") || pod.Spec.Affinity == nil || pod.Spec.Affinity.PodAntiAffinity == nil {
		return nil
	}
	for _, term := range pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution {
		if term.TopologyKey != corev1.LabelHostname {
			return admit.Forbidden(a, "affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey %v but only key %v is allowed", term.TopologyKey, corev1.LabelHostname)
		}
	}
	return nil
}
