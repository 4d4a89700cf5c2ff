package volume

import (
	"net"
	"path"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func validateNFS(v *corev1.NFSVolumeSource, at *field.Path) field.ErrorList {
	errs := append(require(at, "server", v.Server), require(at, "path", v.Path)...)
	if !path.IsAbs(v.Path) {
		errs = append(errs, field.Invalid(at.Child("path"), v.Path, "must be an absolute path"))
	}
	return errs
}

func validateFlocker(v *corev1.FlockerVolumeSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if v.DatasetName == "" && v.DatasetUUID == "" {
		errs = append(errs, field.Required(path, "one of datasetName and datasetUUID is required"))
	}
	if v.DatasetName != "" && v.DatasetUUID != "" {
		errs = append(errs, field.Invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously"))
	}
	if strings.Contains(v.DatasetName, "/") {
		errs = append(errs, field.Invalid(path.Child("datasetName"), v.DatasetName, "must not contain '/'"))
	}
	return errs
}

func validateQuobyte(v *corev1.QuobyteVolumeSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	registry := path.Child("registry")
	switch {
	case v.Registry == "":
		errs = append(errs, field.Required(registry, "must be a host:port pair or multiple pairs separated by commas"))
	case len(v.Tenant) >= 65:
		errs = append(errs, field.Required(path.Child("tenant"), "must be a UUID and may not exceed a length of 64 characters"))
	default:
		for pair := range strings.SplitSeq(v.Registry, ",") {
			if _, _, err := net.SplitHostPort(pair); err != nil {
				errs = append(errs, field.Invalid(registry, v.Registry, "must be a host:port pair or multiple pairs separated by commas"))
			}
		}
	}
	return append(errs, require(path, "volume", v.Volume)...)
}

// The forms of iSCSI names (RFC 3720, 3980).
var iscsiNames = map[string]*regexp.Regexp{
	"iqn": regexp.MustCompile(`iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$`),
	"eui": regexp.MustCompile(`^eui.[[:alnum:]]{16}$`),
	"naa": regexp.MustCompile(`^naa.[[:alnum:]]{32}$`),
}

func validateISCSIName(name string, path *field.Path) field.ErrorList {
	for prefix, form := range iscsiNames {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if form.MatchString(name) {
			return nil
		}
		return field.ErrorList{field.Invalid(path, name, "must be valid format")}
	}
	return field.ErrorList{field.Invalid(path, name, "must be valid format starting with iqn, eui, or naa")}
}

func validateISCSI(v *corev1.ISCSIPersistentVolumeSource, name string, path *field.Path) field.ErrorList {
	errs := require(path, "targetPortal", v.TargetPortal)
	if v.IQN == "" {
		errs = append(errs, field.Required(path.Child("iqn"), ""))
	} else {
		errs = append(errs, validateISCSIName(v.IQN, path.Child("iqn"))...)
	}
	errs = append(errs, validateLUN(v.Lun, path)...)
	if (v.DiscoveryCHAPAuth || v.SessionCHAPAuth) && v.SecretRef == nil {
		errs = append(errs, field.Required(path.Child("secretRef"), ""))
	}
	if v.SecretRef != nil {
		errs = append(errs, require(path.Child("secretRef"), "name", v.SecretRef.Name)...)
	}
	if v.InitiatorName != nil {
		initiator := *v.InitiatorName
		errs = append(errs, validateISCSIName(initiator, path.Child("initiatorname"))...)
		if len(name+":"+v.TargetPortal) > 64 {
			errs = append(errs, field.Invalid(field.NewPath("spec", "targetportal"), v.TargetPortal,
				"Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified."))
		}
	}
	return errs
}

func validateLUN(lun int32, path *field.Path) field.ErrorList {
	if lun >= 0 && lun <= 255 {
		return nil
	}
	return field.ErrorList{field.Invalid(path.Child("lun"), lun, validation.InclusiveRangeError(0, 255))}
}

func validateFC(v *corev1.FCVolumeSource, path *field.Path) field.ErrorList {
	target := path.Child("targetWWNs")
	var errs field.ErrorList
	switch {
	case len(v.TargetWWNs) < 1 && len(v.WWIDs) < 1:
		errs = append(errs, field.Required(target, "must specify either targetWWNs or wwids, but not both"))
	case len(v.TargetWWNs) > 0 && len(v.WWIDs) > 0:
		errs = append(errs, field.Invalid(target, v.TargetWWNs, "targetWWNs and wwids can not be specified simultaneously"))
	}
	switch {
	case len(v.TargetWWNs) == 0:
	case v.Lun == nil:
		errs = append(errs, field.Required(path.Child("lun"), "lun is required if targetWWNs is specified"))
	default:
		errs = append(errs, validateLUN(*v.Lun, path)...)
	}
	return errs
}

func validateFlex(v *corev1.FlexPersistentVolumeSource, path *field.Path) field.ErrorList {
	errs := require(path, "driver", v.Driver)
	for key := range v.Options {
		domain, _, _ := strings.Cut(key, "/")
		for _, own := range []string{"kubernetes.io", "k8s.io"} {
			if strings.Contains(key, "/") && (domain == own || strings.HasSuffix(domain, "."+own)) {
				errs = append(errs, field.Invalid(path.Child("options").Key(key), key, "kubernetes.io and k8s.io namespaces are reserved"))
			}
		}
	}
	return errs
}

func validateAzureFile(v *corev1.AzureFilePersistentVolumeSource, path *field.Path) field.ErrorList {
	errs := append(require(path, "secretName", v.SecretName), require(path, "shareName", v.ShareName)...)
	if v.SecretNamespace != nil {
		errs = append(errs, require(path, "secretNamespace", *v.SecretNamespace)...)
	}
	return errs
}

func validateAzureDisk(v *corev1.AzureDiskVolumeSource, path *field.Path) field.ErrorList {
	errs := append(require(path, "diskName", v.DiskName), require(path, "diskURI", v.DataDiskURI)...)
	if m := v.CachingMode; m != nil {
		known := []corev1.AzureDataDiskCachingMode{corev1.AzureDataDiskCachingNone, corev1.AzureDataDiskCachingReadOnly, corev1.AzureDataDiskCachingReadWrite}
		if *m != known[0] && *m != known[1] && *m != known[2] {
			errs = append(errs, field.NotSupported(path.Child("cachingMode"), *m, known))
		}
	}
	if v.Kind == nil {
		return errs
	}
	const managed = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
	const blob = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
	form, prefix := blob, "https://"
	switch *v.Kind {
	case corev1.AzureSharedBlobDisk, corev1.AzureDedicatedBlobDisk:
	case corev1.AzureManagedDisk:
		form, prefix = managed, "/subscriptions/"
	default:
		errs = append(errs, field.NotSupported(path.Child("kind"), *v.Kind, []corev1.AzureDataDiskKind{
			corev1.AzureDedicatedBlobDisk, corev1.AzureManagedDisk, corev1.AzureSharedBlobDisk}))
	}
	if !strings.HasPrefix(v.DataDiskURI, prefix) {
		errs = append(errs, field.NotSupported(path.Child("diskURI"), v.DataDiskURI, []string{form}))
	}
	return errs
}

func validateStorageOS(v *corev1.StorageOSPersistentVolumeSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	label := func(name, value string) {
		for _, msg := range validation.IsDNS1123Label(value) {
			errs = append(errs, field.Invalid(path.Child(name), value, msg))
		}
	}
	if v.VolumeName == "" {
		errs = append(errs, field.Required(path.Child("volumeName"), ""))
	} else {
		label("volumeName", v.VolumeName)
	}
	if v.VolumeNamespace != "" {
		label("volumeNamespace", v.VolumeNamespace)
	}
	if s := v.SecretRef; s != nil {
		errs = append(errs, require(path.Child("secretRef"), "name", s.Name)...)
		errs = append(errs, require(path.Child("secretRef"), "namespace", s.Namespace)...)
	}
	return errs
}
