package podspec

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds/quantity"
)

// defaultFileMode is 0644, in the decimal that JSON has.
const defaultFileMode int32 = 420

func defaultVolume(v *corev1.Volume) {
	s := &v.VolumeSource
	if *s == (corev1.VolumeSource{}) {
		s.EmptyDir = &corev1.EmptyDirVolumeSource{}
		return
	}
	if s.HostPath != nil && s.HostPath.Type == nil {
		s.HostPath.Type = new(corev1.HostPathUnset)
	}
	if s.Secret != nil {
		defaultMode(&s.Secret.DefaultMode)
	}
	if s.ConfigMap != nil {
		defaultMode(&s.ConfigMap.DefaultMode)
	}
	if s.DownwardAPI != nil {
		defaultMode(&s.DownwardAPI.DefaultMode)
		defaultDownward(s.DownwardAPI.Items)
	}
	if s.Projected != nil {
		defaultProjected(s.Projected)
	}
	if s.Image != nil && s.Image.PullPolicy == "" {
		s.Image.PullPolicy = pullPolicyFor(s.Image.Reference)
	}
	if s.Ephemeral != nil && s.Ephemeral.VolumeClaimTemplate != nil {
		DefaultClaimSpec(&s.Ephemeral.VolumeClaimTemplate.Spec)
	}
	defaultNetworkVolume(s)
}

func defaultMode(mode **int32) {
	if *mode == nil {
		*mode = new(defaultFileMode)
	}
}

func defaultDownward(items []corev1.DownwardAPIVolumeFile) {
	for i := range items {
		defaultFieldRef(items[i].FieldRef)
	}
}

func defaultProjected(p *corev1.ProjectedVolumeSource) {
	defaultMode(&p.DefaultMode)
	for i := range p.Sources {
		if d := p.Sources[i].DownwardAPI; d != nil {
			defaultDownward(d.Items)
		}
		if t := p.Sources[i].ServiceAccountToken; t != nil && t.ExpirationSeconds == nil {
			t.ExpirationSeconds = new(int64(60 * 60))
		}
	}
}

// DefaultClaimSpec fills in what the spec of a PersistentVolumeClaim leaves out; claim templates of
// StatefulSets and of ephemeral volumes have the same defaults as claims.
func DefaultClaimSpec(spec *corev1.PersistentVolumeClaimSpec) {
	if spec.VolumeMode == nil {
		spec.VolumeMode = new(corev1.PersistentVolumeFilesystem)
	}
	quantity.RoundUp(spec.Resources.Limits)
	quantity.RoundUp(spec.Resources.Requests)
}

// defaultNetworkVolume fills in the fields of storage systems outside the cluster.
func defaultNetworkVolume(s *corev1.VolumeSource) {
	if v := s.ISCSI; v != nil && v.ISCSIInterface == "" {
		v.ISCSIInterface = "default"
	}
	if v := s.RBD; v != nil {
		setDefault(&v.RBDPool, "rbd")
		setDefault(&v.RadosUser, "admin")
		setDefault(&v.Keyring, "/etc/ceph/keyring")
	}
	if v := s.ScaleIO; v != nil {
		setDefault(&v.StorageMode, "ThinProvisioned")
		setDefault(&v.FSType, "xfs")
	}
	if v := s.AzureDisk; v != nil {
		if v.CachingMode == nil {
			v.CachingMode = new(corev1.AzureDataDiskCachingReadWrite)
		}
		if v.Kind == nil {
			v.Kind = new(corev1.AzureSharedBlobDisk)
		}
		if v.FSType == nil {
			v.FSType = new("ext4")
		}
		if v.ReadOnly == nil {
			v.ReadOnly = new(false)
		}
	}
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}
