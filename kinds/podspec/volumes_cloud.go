package podspec

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func validatePartition(partition int32, at *field.Path) field.ErrorList {
	if partition < 0 || partition > 255 {
		// 0 is accepted, though the text does not say so.
		return field.ErrorList{field.Invalid(at, partition, validation.InclusiveRangeError(1, 255))}
	}
	return nil
}

func validateGCEDisk(v *corev1.GCEPersistentDiskVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.PDName, path.Child("pdName"))
	return append(errs, validatePartition(v.Partition, path.Child("partition"))...)
}

func validateAWSDisk(v *corev1.AWSElasticBlockStoreVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.VolumeID, path.Child("volumeID"))
	return append(errs, validatePartition(v.Partition, path.Child("partition"))...)
}

func validateCinder(v *corev1.CinderVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.VolumeID, path.Child("volumeID"))
	if v.SecretRef != nil {
		errs = append(errs, require(v.SecretRef.Name, path.Child("secretRef", "name"))...)
	}
	return errs
}

func validateAzureFile(v *corev1.AzureFileVolumeSource, path *field.Path) field.ErrorList {
	return append(require(v.SecretName, path.Child("secretName")), require(v.ShareName, path.Child("shareName"))...)
}

// The two forms a disk's address may have, as errors show them.
const (
	managedDiskURI = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
	blobDiskURI    = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
)

func validateAzureDisk(v *corev1.AzureDiskVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.DiskName, path.Child("diskName"))
	errs = append(errs, require(v.DataDiskURI, path.Child("diskURI"))...)
	if v.CachingMode != nil {
		switch *v.CachingMode {
		case corev1.AzureDataDiskCachingNone, corev1.AzureDataDiskCachingReadOnly, corev1.AzureDataDiskCachingReadWrite:
		default:
			errs = append(errs, field.NotSupported(path.Child("cachingMode"), *v.CachingMode, []corev1.AzureDataDiskCachingMode{
				corev1.AzureDataDiskCachingNone, corev1.AzureDataDiskCachingReadOnly, corev1.AzureDataDiskCachingReadWrite}))
		}
	}
	if v.Kind == nil {
		return errs
	}
	form, prefix := blobDiskURI, "https://"
	switch *v.Kind {
	case corev1.AzureDedicatedBlobDisk, corev1.AzureSharedBlobDisk:
	case corev1.AzureManagedDisk:
		form, prefix = managedDiskURI, "/subscriptions/"
	default:
		errs = append(errs, field.NotSupported(path.Child("kind"), *v.Kind, []corev1.AzureDataDiskKind{
			corev1.AzureDedicatedBlobDisk, corev1.AzureManagedDisk, corev1.AzureSharedBlobDisk}))
	}
	if !strings.HasPrefix(v.DataDiskURI, prefix) {
		errs = append(errs, field.NotSupported(path.Child("diskURI"), v.DataDiskURI, []string{form}))
	}
	return errs
}
