package volume

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/nodelabels"
)

func warnClaim(obj *corev1.PersistentVolumeClaim) []string {
	var out []string
	if _, ok := obj.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		out = append(out, annotationWarning(corev1.BetaStorageClassAnnotation, "v1.8", "storageClassName"))
	}
	if size, ok := obj.Spec.Resources.Requests[corev1.ResourceStorage]; ok && size.MilliValue()%1000 != 0 {
		out = append(out, fmt.Sprintf("spec.resources.requests[%s]: fractional byte value %q is invalid, must be an integer", corev1.ResourceStorage, size.String()))
	}
	return out
}

func annotationWarning(annotation, since, attribute string) string {
	return fmt.Sprintf("%s: deprecated since %s; use %q attribute instead", field.NewPath("metadata", "annotations").Key(annotation), since, attribute)
}

func warnVolume(obj *corev1.PersistentVolume) []string {
	spec := &obj.Spec
	var out []string
	if _, ok := obj.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		out = append(out, annotationWarning(corev1.BetaStorageClassAnnotation, "v1.8", "storageClassName"))
	}
	if _, ok := obj.Annotations[corev1.MountOptionAnnotation]; ok {
		out = append(out, annotationWarning(corev1.MountOptionAnnotation, "v1.31", "mountOptions"))
	}
	if spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimRecycle {
		out = append(out, "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.")
	}
	if spec.NodeAffinity != nil && spec.NodeAffinity.Required != nil {
		root := field.NewPath("spec", "nodeAffinity", "required", "nodeSelectorTerms")
		for i, term := range spec.NodeAffinity.Required.NodeSelectorTerms {
			for j, r := range term.MatchExpressions {
				if text, ok := nodelabels.Deprecated(r.Key); ok {
					out = append(out, fmt.Sprintf("%s: %s is %s", root.Index(i).Child("matchExpressions").Index(j).Child("key"), r.Key, text))
				}
			}
		}
	}
	for _, gone := range []struct {
		there bool
		text  string
	}{
		{spec.CephFS != nil, "spec.cephfs: deprecated in v1.28, non-functional in v1.31+"},
		{spec.PhotonPersistentDisk != nil, "spec.photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+"},
		{spec.ScaleIO != nil, "spec.scaleIO: deprecated in v1.16, non-functional in v1.22+"},
		{spec.StorageOS != nil, "spec.storageOS: deprecated in v1.22, non-functional in v1.25+"},
		{spec.Glusterfs != nil, "spec.glusterfs: deprecated in v1.25, non-functional in v1.26+"},
		{spec.RBD != nil, "spec.rbd: deprecated in v1.28, non-functional in v1.31+"},
	} {
		if gone.there {
			out = append(out, gone.text)
		}
	}
	return out
}
