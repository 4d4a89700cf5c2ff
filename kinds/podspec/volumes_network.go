package podspec

import (
	"maps"
	"net"
	"path"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Names of iSCSI initiators and targets come in three notations (RFC 3720, RFC 3980).
var (
	iqnName = regexp.MustCompile(`iqn\.\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$`)
	euiName = regexp.MustCompile(`^eui.[[:alnum:]]{16}$`)
	naaName = regexp.MustCompile(`^naa.[[:alnum:]]{32}$`)
)

func validateISCSIName(name string, at *field.Path) field.ErrorList {
	var notation *regexp.Regexp
	switch {
	case strings.HasPrefix(name, "iqn"):
		notation = iqnName
	case strings.HasPrefix(name, "eui"):
		notation = euiName
	case strings.HasPrefix(name, "naa"):
		notation = naaName
	default:
		return field.ErrorList{field.Invalid(at, name, "must be valid format starting with iqn, eui, or naa")}
	}
	if !notation.MatchString(name) {
		return field.ErrorList{field.Invalid(at, name, "must be valid format")}
	}
	return nil
}

func validateISCSI(v *corev1.ISCSIVolumeSource, volume string, at *field.Path) field.ErrorList {
	path := at.Child("iscsi")
	errs := require(v.TargetPortal, path.Child("targetPortal"))
	if v.IQN == "" {
		errs = append(errs, field.Required(path.Child("iqn"), ""))
	} else {
		errs = append(errs, validateISCSIName(v.IQN, path.Child("iqn"))...)
	}
	errs = append(errs, validateLUN(v.Lun, path.Child("lun"))...)
	if (v.DiscoveryCHAPAuth || v.SessionCHAPAuth) && v.SecretRef == nil {
		errs = append(errs, field.Required(path.Child("secretRef"), ""))
	}
	if v.InitiatorName == nil {
		return errs
	}
	errs = append(errs, validateISCSIName(*v.InitiatorName, path.Child("initiatorname"))...)
	if len(volume+":"+v.TargetPortal) > 64 {
		errs = append(errs, field.Invalid(at.Child("name"), volume, "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified."))
	}
	return errs
}

func validateLUN(lun int32, at *field.Path) field.ErrorList {
	if lun < 0 || lun > 255 {
		return field.ErrorList{field.Invalid(at, lun, validation.InclusiveRangeError(0, 255))}
	}
	return nil
}

func validateFC(v *corev1.FCVolumeSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(v.TargetWWNs) == 0 && len(v.WWIDs) == 0 {
		errs = append(errs, field.Required(path.Child("targetWWNs"), "must specify either targetWWNs or wwids, but not both"))
	}
	if len(v.TargetWWNs) > 0 && len(v.WWIDs) > 0 {
		errs = append(errs, field.Invalid(path.Child("targetWWNs"), v.TargetWWNs, "targetWWNs and wwids can not be specified simultaneously"))
	}
	if len(v.TargetWWNs) == 0 {
		return errs
	}
	if v.Lun == nil {
		return append(errs, field.Required(path.Child("lun"), "lun is required if targetWWNs is specified"))
	}
	return append(errs, validateLUN(*v.Lun, path.Child("lun"))...)
}

func validateNFS(v *corev1.NFSVolumeSource, at *field.Path) field.ErrorList {
	errs := require(v.Server, at.Child("server"))
	errs = append(errs, require(v.Path, at.Child("path"))...)
	if !path.IsAbs(v.Path) {
		errs = append(errs, field.Invalid(at.Child("path"), v.Path, "must be an absolute path"))
	}
	return errs
}

func validateGlusterfs(v *corev1.GlusterfsVolumeSource, path *field.Path) field.ErrorList {
	return append(require(v.EndpointsName, path.Child("endpoints")), require(v.Path, path.Child("path"))...)
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

func validateRBD(v *corev1.RBDVolumeSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(v.CephMonitors) == 0 {
		errs = append(errs, field.Required(path.Child("monitors"), ""))
	}
	return append(errs, require(v.RBDImage, path.Child("image"))...)
}

func validateCephFS(v *corev1.CephFSVolumeSource, path *field.Path) field.ErrorList {
	if len(v.Monitors) == 0 {
		return field.ErrorList{field.Required(path.Child("monitors"), "")}
	}
	return nil
}

const wrongRegistry = "must be a host:port pair or multiple pairs separated by commas"

func validateQuobyte(v *corev1.QuobyteVolumeSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch {
	case v.Registry == "":
		errs = append(errs, field.Required(path.Child("registry"), wrongRegistry))
	case len(v.Tenant) >= 65:
		errs = append(errs, field.Required(path.Child("tenant"), "must be a UUID and may not exceed a length of 64 characters"))
	default:
		for pair := range strings.SplitSeq(v.Registry, ",") {
			if _, _, err := net.SplitHostPort(pair); err != nil {
				errs = append(errs, field.Invalid(path.Child("registry"), v.Registry, wrongRegistry))
			}
		}
	}
	return append(errs, require(v.Volume, path.Child("volume"))...)
}

func validateFlexVolume(v *corev1.FlexVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.Driver, path.Child("driver"))
	for _, key := range slices.Sorted(maps.Keys(v.Options)) {
		domain, _, _ := strings.Cut(key, "/")
		domain = "." + strings.ToLower(domain)
		if strings.HasSuffix(domain, ".kubernetes.io") || strings.HasSuffix(domain, ".k8s.io") {
			errs = append(errs, field.Invalid(path.Child("options").Key(key), key, "kubernetes.io and k8s.io namespaces are reserved"))
		}
	}
	return errs
}

func validateStorageOS(v *corev1.StorageOSVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.VolumeName, path.Child("volumeName"))
	if v.VolumeName != "" {
		errs = append(errs, validateDNSLabel(v.VolumeName, path.Child("volumeName"))...)
	}
	if v.VolumeNamespace != "" {
		errs = append(errs, validateDNSLabel(v.VolumeNamespace, path.Child("volumeNamespace"))...)
	}
	if v.SecretRef != nil {
		errs = append(errs, require(v.SecretRef.Name, path.Child("secretRef", "name"))...)
	}
	return errs
}

func validateScaleIO(v *corev1.ScaleIOVolumeSource, path *field.Path) field.ErrorList {
	errs := require(v.Gateway, path.Child("gateway"))
	errs = append(errs, require(v.System, path.Child("system"))...)
	return append(errs, require(v.VolumeName, path.Child("volumeName"))...)
}

// ValidateCSIDriver checks the name of a CSI driver, wherever one stands.
func ValidateCSIDriver(name string, path *field.Path) field.ErrorList {
	errs := require(name, path)
	if len(name) > 63 {
		errs = append(errs, field.TooLong(path, name, 63))
	}
	if name == "" {
		return errs
	}
	return append(errs, invalidEach(path, name, lowered(name))...)
}

// lowered checks a driver's name without regard to case: names of old drivers have capitals.
func lowered(name string) []string { return validation.IsDNS1123Subdomain(strings.ToLower(name)) }
