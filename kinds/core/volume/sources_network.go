package volume

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/podspec"
)

func validateISCSI(v *corev1.ISCSIPersistentVolumeSource, name string, path *field.Path) field.ErrorList {
	errs := require(path, "targetPortal", v.TargetPortal)
	if v.IQN == "" {
		errs = append(errs, field.Required(path.Child("iqn"), ""))
	} else {
		errs = append(errs, podspec.ValidateISCSIName(v.IQN, path.Child("iqn"))...)
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
		errs = append(errs, podspec.ValidateISCSIName(initiator, path.Child("initiatorname"))...)
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
