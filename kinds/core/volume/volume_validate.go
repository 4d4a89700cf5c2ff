package volume

import (
	"fmt"
	"path"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/podspec"
	"github.com/nave-k8s/nave/kinds/resourcename"
)

func validateVolume(obj *corev1.PersistentVolume) field.ErrorList {
	spec, root := &obj.Spec, field.NewPath("spec")
	var errs field.ErrorList
	if len(spec.AccessModes) == 0 {
		errs = append(errs, field.Required(root.Child("accessModes"), ""))
	}
	errs = append(errs, validateModes(spec.AccessModes, root.Child("accessModes"))...)
	errs = append(errs, validateCapacity(spec.Capacity, root.Child("capacity"))...)
	policy := root.Child("persistentVolumeReclaimPolicy")
	switch spec.PersistentVolumeReclaimPolicy {
	case "", corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRecycle, corev1.PersistentVolumeReclaimRetain:
	default:
		errs = append(errs, field.NotSupported(policy, spec.PersistentVolumeReclaimPolicy, []string{"Delete", "Recycle", "Retain"}))
	}
	if a := spec.NodeAffinity; a != nil {
		at := root.Child("nodeAffinity", "required")
		if a.Required == nil {
			errs = append(errs, field.Required(at, "must specify required node constraints"))
		} else {
			errs = append(errs, podspec.ValidateNodeSelector(a.Required, at)...)
		}
	}
	errs = append(errs, validateVolumeSource(spec, obj.Name, root)...)
	if spec.HostPath != nil && path.Clean(spec.HostPath.Path) == "/" && spec.PersistentVolumeReclaimPolicy == corev1.PersistentVolumeReclaimRecycle {
		errs = append(errs, field.Forbidden(policy, "may not be 'recycle' for a hostPath mount of '/'"))
	}
	if spec.StorageClassName != "" {
		errs = append(errs, validateClassName(spec.StorageClassName, root.Child("storageClassName"))...)
	}
	errs = append(errs, validateVolumeMode(spec.VolumeMode, root.Child("volumeMode"))...)
	if class := spec.VolumeAttributesClassName; class != nil {
		if *class == "" {
			errs = append(errs, field.Required(root.Child("volumeAttributesClassName"), "an empty string is disallowed"))
		} else {
			errs = append(errs, validateClassName(*class, root.Child("volumeAttributesClassName"))...)
		}
		if spec.CSI == nil {
			errs = append(errs, field.Required(root.Child("csi"), "has to be specified when using volumeAttributesClassName"))
		}
	}
	return append(errs, validateMountOptions(obj)...)
}

// validateCapacity asks for the storage a volume has, and nothing else.
func validateCapacity(capacity corev1.ResourceList, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(capacity) == 0 {
		errs = append(errs, field.Required(path, ""))
	}
	if _, ok := capacity[corev1.ResourceStorage]; !ok || len(capacity) > 1 {
		errs = append(errs, field.NotSupported(path, capacity, []corev1.ResourceName{corev1.ResourceStorage}))
	}
	for _, name := range resourcename.Sorted(capacity) {
		at := path.Key(string(name))
		errs = append(errs, validateAmount(capacity[name], at)...)
		errs = append(errs, validatePositive(capacity[name], at)...)
	}
	return errs
}

// validateMountOptions refuses the old annotation on volumes that are not mounted with options.
func validateMountOptions(obj *corev1.PersistentVolume) field.ErrorList {
	if _, ok := obj.Annotations[corev1.MountOptionAnnotation]; !ok {
		return nil
	}
	s := &obj.Spec
	if s.GCEPersistentDisk != nil || s.AWSElasticBlockStore != nil || s.Glusterfs != nil || s.NFS != nil || s.RBD != nil ||
		s.Quobyte != nil || s.ISCSI != nil || s.Cinder != nil || s.CephFS != nil || s.AzureFile != nil ||
		s.VsphereVolume != nil || s.AzureDisk != nil || s.StorageOS != nil {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("metadata", "annotations", corev1.MountOptionAnnotation), "may not specify mount options for this volume type")}
}

// validateVolumeUpdate keeps what the volume is: its source, mode and the nodes it is on.
func validateVolumeUpdate(obj, old *corev1.PersistentVolume) field.ErrorList {
	errs := validateVolume(obj)

	is, was := obj.Spec.PersistentVolumeSource, old.Spec.PersistentVolumeSource
	if was.CSI != nil && was.CSI.ControllerExpandSecretRef == nil && is.CSI != nil && is.CSI.ControllerExpandSecretRef != nil {
		csi := *is.CSI // a driver that grows volumes may have come later, with its secret
		csi.ControllerExpandSecretRef = nil
		is.CSI = &csi
	}
	if !equality.Semantic.DeepEqual(is, was) {
		errs = append(errs, field.Forbidden(field.NewPath("spec", "persistentvolumesource"), fmt.Sprintf(
			"spec.persistentvolumesource is immutable after creation\n%v", diff.Diff(shownSource(was), shownSource(is)))))
	}
	if !equality.Semantic.DeepEqual(obj.Spec.VolumeMode, old.Spec.VolumeMode) {
		errs = append(errs, field.Invalid(field.NewPath("volumeMode"), obj.Spec.VolumeMode, apivalidation.FieldImmutableErrorMsg))
	}
	if old.Spec.NodeAffinity != nil && !sameNodes(obj.Spec.NodeAffinity, old.Spec.NodeAffinity) {
		errs = append(errs, field.Invalid(field.NewPath("nodeAffinity"), internalname.Value(obj.Spec.NodeAffinity), apivalidation.FieldImmutableErrorMsg))
	}
	if old.Spec.VolumeAttributesClassName != nil && obj.Spec.VolumeAttributesClassName == nil {
		errs = append(errs, field.Forbidden(field.NewPath("spec", "volumeAttributesClassName"), "update from non-nil value to nil is forbidden"))
	}
	return errs
}

// sameNodes compares node affinities. Labels that were renamed may be replaced by their new names.
func sameNodes(is, was *corev1.VolumeNodeAffinity) bool {
	return equality.Semantic.DeepEqual(is, was) || equality.Semantic.DeepEqual(is, renamed(was))
}

func renamed(a *corev1.VolumeNodeAffinity) *corev1.VolumeNodeAffinity {
	names := map[string]string{
		corev1.LabelFailureDomainBetaZone:   corev1.LabelTopologyZone,
		corev1.LabelFailureDomainBetaRegion: corev1.LabelTopologyRegion,
		corev1.LabelInstanceType:            corev1.LabelInstanceTypeStable,
		"beta.kubernetes.io/os":             corev1.LabelOSStable,
		"beta.kubernetes.io/arch":           corev1.LabelArchStable,
	}
	out := a.DeepCopy()
	if out.Required == nil {
		return out
	}
	for i := range out.Required.NodeSelectorTerms {
		for j := range out.Required.NodeSelectorTerms[i].MatchExpressions {
			r := &out.Required.NodeSelectorTerms[i].MatchExpressions[j]
			if now, ok := names[r.Key]; ok {
				r.Key = now
			}
		}
	}
	return out
}
