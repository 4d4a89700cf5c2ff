package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Sources that persistent volumes have too, in the very same form. The path is that of the source.

// ValidateHostPath checks a path on a node.
func ValidateHostPath(v *corev1.HostPathVolumeSource, path *field.Path) field.ErrorList {
	return validateHostPath(v, path)
}

// ValidateNFS checks a share of an NFS server.
func ValidateNFS(v *corev1.NFSVolumeSource, path *field.Path) field.ErrorList {
	return validateNFS(v, path)
}

// ValidateFC checks a Fibre Channel volume.
func ValidateFC(v *corev1.FCVolumeSource, path *field.Path) field.ErrorList {
	return validateFC(v, path)
}

// ValidateFlocker checks a Flocker dataset.
func ValidateFlocker(v *corev1.FlockerVolumeSource, path *field.Path) field.ErrorList {
	return validateFlocker(v, path)
}

// ValidateQuobyte checks a Quobyte volume.
func ValidateQuobyte(v *corev1.QuobyteVolumeSource, path *field.Path) field.ErrorList {
	return validateQuobyte(v, path)
}

// ValidateGCEDisk checks a disk of Google's cloud.
func ValidateGCEDisk(v *corev1.GCEPersistentDiskVolumeSource, path *field.Path) field.ErrorList {
	return validateGCEDisk(v, path)
}

// ValidateAWSDisk checks a disk of Amazon's cloud.
func ValidateAWSDisk(v *corev1.AWSElasticBlockStoreVolumeSource, path *field.Path) field.ErrorList {
	return validateAWSDisk(v, path)
}

// ValidateAzureDisk checks a disk of Microsoft's cloud.
func ValidateAzureDisk(v *corev1.AzureDiskVolumeSource, path *field.Path) field.ErrorList {
	return validateAzureDisk(v, path)
}

// ValidateISCSIName checks the name of an iSCSI initiator or target.
func ValidateISCSIName(name string, path *field.Path) field.ErrorList {
	return validateISCSIName(name, path)
}

// ValidateNoBacksteps refuses paths that go up with "..".
func ValidateNoBacksteps(target string, path *field.Path) field.ErrorList {
	return validateNoBacksteps(target, path)
}
