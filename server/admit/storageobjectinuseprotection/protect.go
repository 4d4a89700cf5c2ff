// Package storageobjectinuseprotection is the plugin StorageObjectInUseProtection: volumes, claims and volume
// attributes classes get a finalizer, which controllers take off when nothing uses them.
package storageobjectinuseprotection

import (
	"context"
	"slices"

	storagev1 "k8s.io/api/storage/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is StorageObjectInUseProtection.
type Plugin struct{}

// Name is the plugin's name.
func (Plugin) Name() string { return "StorageObjectInUseProtection" }

// Handles reports whether the plugin wants writes of this kind.
func (Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate adds the finalizer to a new object.
func (Plugin) Mutate(_ context.Context, a *admit.Attributes) error {
	finalizer := ""
	switch {
	case a.Is("", "persistentvolumeclaims"):
		finalizer = "kubernetes.io/pvc-protection"
	case a.Is("", "persistentvolumes"):
		finalizer = "kubernetes.io/pv-protection"
	case a.Is(storagev1.GroupName, "volumeattributesclasses"):
		finalizer = "kubernetes.io/vac-protection"
	default:
		return nil
	}
	if obj, ok := a.Object.(kinds.Object); ok && !slices.Contains(obj.GetFinalizers(), finalizer) {
		obj.SetFinalizers(append(obj.GetFinalizers(), finalizer))
	}
	return nil
}
