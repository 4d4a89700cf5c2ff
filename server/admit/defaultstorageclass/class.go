// Package defaultstorageclass is the plugin DefaultStorageClass: a claim that names no class gets the default
// one. "No class" can be asked for with an empty name.
package defaultstorageclass

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is DefaultStorageClass.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "DefaultStorageClass" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate sets the class.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	if !a.Is("", "persistentvolumeclaims") {
		return nil
	}
	claim, ok := a.Object.(*corev1.PersistentVolumeClaim)
	if !ok || claim.Spec.StorageClassName != nil {
		return nil
	}
	if _, old := claim.Annotations[corev1.BetaStorageClassAnnotation]; old {
		return nil
	}
	name, err := admit.DefaultClass(ctx, p.reader, storagev1.GroupName, "storageclasses",
		"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
	if err != nil {
		return admit.Forbidden(a, "%w", err)
	}
	if name != "" {
		claim.Spec.StorageClassName = &name
	}
	return nil
}
