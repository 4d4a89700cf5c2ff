// Package podgroupprotection is the plugin PodGroupProtection: a PodGroup gets a finalizer, which a controller
// takes off when no pod names the group any more. It has work only where podgroups are served.
package podgroupprotection

import (
	"context"
	"slices"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

const finalizer = "scheduling.k8s.io/podgroup-protection"

// Plugin is PodGroupProtection.
type Plugin struct{}

// Name is the plugin's name.
func (Plugin) Name() string { return "PodGroupProtection" }

// Handles reports whether the plugin wants writes of this kind.
func (Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate adds the finalizer to a new group.
func (Plugin) Mutate(_ context.Context, a *admit.Attributes) error {
	if !a.Is("scheduling.k8s.io", "podgroups") {
		return nil
	}
	if obj, ok := a.Object.(kinds.Object); ok && !slices.Contains(obj.GetFinalizers(), finalizer) {
		obj.SetFinalizers(append(obj.GetFinalizers(), finalizer))
	}
	return nil
}
