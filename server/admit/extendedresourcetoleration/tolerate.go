// Package extendedresourcetoleration is the plugin ExtendedResourceToleration: nodes with special hardware can be
// tainted with the resource's name, and pods that ask for the resource tolerate it without saying so.
package extendedresourcetoleration

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is ExtendedResourceToleration.
type Plugin struct{}

// Name is the plugin's name.
func (Plugin) Name() string { return "ExtendedResourceToleration" }

// Handles reports whether the plugin wants writes of this kind.
func (Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Mutate adds a toleration for each extended resource that is asked for.
func (Plugin) Mutate(_ context.Context, a *admit.Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !a.Is("", "pods") {
		return nil
	}
	var names []string
	for _, list := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for _, c := range list {
			for name := range c.Resources.Requests {
				if extended(string(name)) && !slices.Contains(names, string(name)) {
					names = append(names, string(name))
				}
			}
		}
	}
	slices.Sort(names)
	for _, name := range names {
		tolerate(pod, corev1.Toleration{Key: name, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule})
	}
	return nil
}

// tolerate adds the toleration, in the place of one that differs in its seconds alone.
func tolerate(pod *corev1.Pod, t corev1.Toleration) {
	for i := range pod.Spec.Tolerations {
		if pod.Spec.Tolerations[i].MatchToleration(&t) {
			pod.Spec.Tolerations[i] = t
			return
		}
	}
	pod.Spec.Tolerations = append(pod.Spec.Tolerations, t)
}

// extended: a resource with a domain of its own.
func extended(name string) bool {
	if !strings.Contains(name, "/") || strings.Contains(name, corev1.ResourceDefaultNamespacePrefix) || strings.HasPrefix(name, corev1.DefaultResourceRequestsPrefix) {
		return false
	}
	return len(validation.IsQualifiedName(corev1.DefaultResourceRequestsPrefix+name)) == 0
}
