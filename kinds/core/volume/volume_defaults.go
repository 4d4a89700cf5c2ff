package volume

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds/quantity"
)

func defaultVolume(obj *corev1.PersistentVolume) {
	spec := &obj.Spec
	if obj.Status.Phase == "" {
		obj.Status.Phase = corev1.VolumePending
	}
	if spec.PersistentVolumeReclaimPolicy == "" {
		spec.PersistentVolumeReclaimPolicy = corev1.PersistentVolumeReclaimRetain
	}
	pointTo(&spec.VolumeMode, corev1.PersistentVolumeFilesystem)
	quantity.RoundUp(spec.Capacity)

	if v := spec.HostPath; v != nil && v.Type == nil {
		v.Type = new(corev1.HostPathType)
	}
	if v := spec.ISCSI; v != nil {
		orDefault(&v.ISCSIInterface, "default")
	}
	if v := spec.RBD; v != nil {
		orDefault(&v.RBDPool, "rbd")
		orDefault(&v.RadosUser, "admin")
		orDefault(&v.Keyring, "/etc/ceph/keyring")
	}
	if v := spec.AzureDisk; v != nil {
		pointTo(&v.CachingMode, corev1.AzureDataDiskCachingReadWrite)
		pointTo(&v.FSType, "ext4")
		pointTo(&v.ReadOnly, false)
		pointTo(&v.Kind, corev1.AzureSharedBlobDisk)
	}
	if v := spec.ScaleIO; v != nil {
		orDefault(&v.StorageMode, "ThinProvisioned")
		orDefault(&v.FSType, "xfs")
	}
}

func orDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

func pointTo[T any](p **T, value T) {
	if *p == nil {
		*p = &value
	}
}
