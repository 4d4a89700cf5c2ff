package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const wrongFileMode = "must be a number between 0 and 0777 (octal), both inclusive"

func validateMode(mode *int32, at *field.Path) field.ErrorList {
	if mode != nil && (*mode < 0 || *mode > 0777) {
		return field.ErrorList{field.Invalid(at, *mode, wrongFileMode)}
	}
	return nil
}

func validateEmptyDir(v *corev1.EmptyDirVolumeSource, path *field.Path) field.ErrorList {
	if v.SizeLimit != nil && v.SizeLimit.Sign() < 0 {
		return field.ErrorList{field.Forbidden(path.Child("sizeLimit"), "SizeLimit field must be a valid resource quantity")}
	}
	return nil
}

func validateHostPath(v *corev1.HostPathVolumeSource, path *field.Path) field.ErrorList {
	if v.Path == "" {
		return field.ErrorList{field.Required(path.Child("path"), "")}
	}
	errs := validateNoBacksteps(v.Path, path.Child("path"))
	if v.Type == nil {
		return errs
	}
	switch *v.Type {
	case corev1.HostPathUnset, corev1.HostPathBlockDev, corev1.HostPathCharDev, corev1.HostPathDirectory,
		corev1.HostPathDirectoryOrCreate, corev1.HostPathFile, corev1.HostPathFileOrCreate, corev1.HostPathSocket:
		return errs
	}
	return append(errs, field.NotSupported(path.Child("type"), *v.Type, []corev1.HostPathType{
		corev1.HostPathUnset, corev1.HostPathBlockDev, corev1.HostPathCharDev, corev1.HostPathDirectory,
		corev1.HostPathDirectoryOrCreate, corev1.HostPathFile, corev1.HostPathFileOrCreate, corev1.HostPathSocket}))
}

func validateGitRepo(v *corev1.GitRepoVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.Repository, path.Child("repository"))
	return append(errs, validateDescendingPath(v.Directory, path.Child("directory"))...)
}

func validateSecretVolume(v *corev1.SecretVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.SecretName, path.Child("secretName"))
	errs = append(errs, validateMode(v.DefaultMode, path.Child("defaultMode"))...)
	return append(errs, validateItems(v.Items, path.Child("items"))...)
}

func validateConfigMapVolume(v *corev1.ConfigMapVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.Name, path.Child("name"))
	errs = append(errs, validateMode(v.DefaultMode, path.Child("defaultMode"))...)
	return append(errs, validateItems(v.Items, path.Child("items"))...)
}

func validateItems(items []corev1.KeyToPath, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range items {
		errs = append(errs, validateItem(&items[i], path.Index(i))...)
	}
	return errs
}

func validateItem(item *corev1.KeyToPath, path *field.Path) field.ErrorList {
	errs := require(item.Key, path.Child("key"))
	errs = append(errs, require(item.Path, path.Child("path"))...)
	errs = append(errs, validateFreePath(item.Path, path.Child("path"))...)
	return append(errs, validateMode(item.Mode, path.Child("mode"))...)
}

func validateCSI(v *corev1.CSIVolumeSource, path *field.Path) field.ErrorList {
	errs := ValidateCSIDriver(v.Driver, path.Child("driver"))
	if v.NodePublishSecretRef == nil {
		return errs
	}
	if v.NodePublishSecretRef.Name == "" {
		return append(errs, field.Required(path.Child("nodePublishSecretRef", "name"), ""))
	}
	// The path is the API's; the secret's name it means.
	return append(errs, validateSubdomain(v.NodePublishSecretRef.Name, path.Child("name"))...)
}
