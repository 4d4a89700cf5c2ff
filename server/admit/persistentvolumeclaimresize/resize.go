// Package persistentvolumeclaimresize is the plugin PersistentVolumeClaimResize: a claim grows only if its
// storage class says that its volumes can.
package persistentvolumeclaimresize

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is PersistentVolumeClaimResize.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "PersistentVolumeClaimResize" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Update }

// Review refuses to let a claim grow whose class does not allow it. Shrinking is for validation to refuse.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	if !a.Is("", "persistentvolumeclaims") {
		return nil
	}
	claim, ok := a.Object.(*corev1.PersistentVolumeClaim)
	old, wasOne := a.OldObject.(*corev1.PersistentVolumeClaim)
	if !ok || !wasOne {
		return nil
	}
	size, was := claim.Spec.Resources.Requests[corev1.ResourceStorage], old.Spec.Resources.Requests[corev1.ResourceStorage]
	if size.Cmp(was) <= 0 {
		return nil
	}
	if old.Status.Phase != corev1.ClaimBound {
		return admit.Forbidden(a, "Only bound persistent volume claims can be expanded")
	}
	if !p.growable(ctx, claim, old) {
		return admit.Forbidden(a, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize")
	}
	return nil
}

func (p *Plugin) growable(ctx context.Context, claim, old *corev1.PersistentVolumeClaim) bool {
	name := className(claim)
	if name == "" || name != className(old) {
		return false
	}
	obj, err := p.reader.Get(ctx, storagev1.GroupName, "storageclasses", "", name)
	if err != nil {
		return false
	}
	class, ok := obj.(*storagev1.StorageClass)
	return ok && class.AllowVolumeExpansion != nil && *class.AllowVolumeExpansion
}

// className is the claim's class; the old annotation counts before the field.
func className(claim *corev1.PersistentVolumeClaim) string {
	if name, ok := claim.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return name
	}
	if claim.Spec.StorageClassName != nil {
		return *claim.Spec.StorageClassName
	}
	return ""
}
