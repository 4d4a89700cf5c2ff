package quota

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
)

// byClass stands between a storage class and the name of what is counted for it.
const byClass = ".storageclass.storage.k8s.io/"

// volumeClaims counts claims and the storage they ask for, in all and by storage class.
type volumeClaims struct{}

func claimNames() []corev1.ResourceName {
	return []corev1.ResourceName{corev1.ResourcePersistentVolumeClaims, corev1.ResourceRequestsStorage}
}

func (volumeClaims) Matching(names []corev1.ResourceName) []corev1.ResourceName {
	var out []corev1.ResourceName
	for _, name := range names {
		_, what, found := strings.Cut(string(name), byClass)
		if name == "count/persistentvolumeclaims" || slices.Contains(claimNames(), name) || found && slices.Contains(claimNames(), corev1.ResourceName(what)) {
			out = append(out, name)
		}
	}
	return out
}

// InScope: a claim is in the scope of each volume attributes class that it has, had, or is on its way to.
func (volumeClaims) InScope(scope corev1.ScopedResourceSelectorRequirement, obj kinds.Object) (bool, error) {
	claim, ok := obj.(*corev1.PersistentVolumeClaim)
	if !ok {
		return false, fmt.Errorf("expect *v1.PersistentVolumeClaim, got %T", obj)
	}
	if scope.ScopeName != corev1.ResourceQuotaScopeVolumeAttributesClass {
		return false, nil
	}
	var classes []string
	for _, name := range []*string{claim.Spec.VolumeAttributesClassName, claim.Status.CurrentVolumeAttributesClassName} {
		if name != nil && *name != "" {
			classes = append(classes, *name)
		}
	}
	if s := claim.Status.ModifyVolumeStatus; s != nil && s.TargetVolumeAttributesClassName != "" {
		classes = append(classes, s.TargetVolumeAttributesClassName)
	}
	if len(classes) == 0 {
		return selects(scope, "")
	}
	for _, class := range classes {
		if in, err := selects(scope, class); err != nil || in {
			return in, err
		}
	}
	return false, nil
}

func (volumeClaims) Constraints([]corev1.ResourceName, kinds.Object) error { return nil }

func (volumeClaims) Usage(obj kinds.Object, _ time.Time) (corev1.ResourceList, error) {
	claim, ok := obj.(*corev1.PersistentVolumeClaim)
	if !ok {
		return nil, fmt.Errorf("expect *v1.PersistentVolumeClaim, got %T", obj)
	}
	out := corev1.ResourceList{corev1.ResourcePersistentVolumeClaims: one(), "count/persistentvolumeclaims": one()}
	class, old := claim.Annotations[corev1.BetaStorageClassAnnotation]
	if !old && claim.Spec.StorageClassName != nil {
		class = *claim.Spec.StorageClassName
	}
	if class != "" {
		out[corev1.ResourceName(class+byClass)+corev1.ResourcePersistentVolumeClaims] = one()
	}
	if size, ok := claim.Spec.Resources.Requests[corev1.ResourceStorage]; ok {
		// A volume that grew too far may be asked to be smaller again; the space is still taken.
		if taken, ok := claim.Status.AllocatedResources[corev1.ResourceStorage]; ok && taken.Cmp(size) > 0 {
			size = taken
		}
		out[corev1.ResourceRequestsStorage] = size
		if class != "" {
			out[corev1.ResourceName(class+byClass)+corev1.ResourceRequestsStorage] = size
		}
	}
	return out, nil
}

func (volumeClaims) ChangesWithUpdate() bool { return true }
