// Package taintnodesbycondition is the plugin TaintNodesByCondition: a new node takes no pods until its first
// conditions say that it is ready.
package taintnodesbycondition

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is TaintNodesByCondition.
type Plugin struct{}

// Name is the plugin's name.
func (Plugin) Name() string { return "TaintNodesByCondition" }

// Handles reports whether the plugin wants writes of this kind.
func (Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate adds the taint to a new node.
func (Plugin) Mutate(_ context.Context, a *admit.Attributes) error {
	if !a.Is("", "nodes") {
		return nil
	}
	node, ok := a.Object.(*corev1.Node)
	if !ok {
		return nil
	}
	notReady := corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoSchedule}
	for i := range node.Spec.Taints {
		if node.Spec.Taints[i].MatchTaint(&notReady) {
			return nil
		}
	}
	node.Spec.Taints = append(node.Spec.Taints, notReady)
	return nil
}
