package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateOS checks the operating system a pod says it is for, and that it has nothing of the other one.
func validateOS(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	if spec.OS == nil {
		return nil
	}
	switch spec.OS.Name {
	case corev1.Linux:
		return validateLinux(spec, path)
	case corev1.Windows:
		return validateWindows(spec, path)
	case "":
		return field.ErrorList{field.Required(path.Child("os", "name"), "cannot be empty")}
	}
	return field.ErrorList{field.NotSupported(path.Child("os"), spec.OS.Name, []corev1.OSName{corev1.Linux, corev1.Windows})}
}

func validateLinux(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	const msg = "windows options cannot be set for a linux pod"
	var errs field.ErrorList
	if spec.SecurityContext != nil && spec.SecurityContext.WindowsOptions != nil {
		errs = append(errs, field.Forbidden(path.Child("securityContext", "windowsOptions"), msg))
	}
	for c, at := range EachContainer(spec, path) {
		if c.SecurityContext != nil && c.SecurityContext.WindowsOptions != nil {
			errs = append(errs, field.Forbidden(at.Child("securityContext", "windowsOptions"), msg))
		}
	}
	return errs
}

// forbidden makes an error of each field that is set.
func forbidden(path *field.Path, fields ...setField) field.ErrorList {
	var errs field.ErrorList
	for _, f := range fields {
		if f.set {
			errs = append(errs, field.Forbidden(path.Child(f.name), "cannot be set for a windows pod"))
		}
	}
	return errs
}

type setField struct {
	name string
	set  bool
}

func validateWindows(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if c, at := spec.SecurityContext, path.Child("securityContext"); c != nil {
		errs = append(errs, forbidden(at, setField{"appArmorProfile", c.AppArmorProfile != nil}, setField{"seLinuxOptions", c.SELinuxOptions != nil})...)
		errs = append(errs, forbidden(path,
			setField{"hostUsers", spec.HostUsers != nil},
			setField{"hostPID", spec.HostPID},
			setField{"hostIPC", spec.HostIPC})...)
		errs = append(errs, forbidden(at,
			setField{"seccompProfile", c.SeccompProfile != nil},
			setField{"fsGroup", c.FSGroup != nil},
			setField{"fsGroupChangePolicy", c.FSGroupChangePolicy != nil},
			setField{"sysctls", len(c.Sysctls) > 0})...)
		errs = append(errs, forbidden(path, setField{"shareProcessNamespace", spec.ShareProcessNamespace != nil})...)
		errs = append(errs, forbidden(at,
			setField{"runAsUser", c.RunAsUser != nil},
			setField{"runAsGroup", c.RunAsGroup != nil},
			setField{"supplementalGroups", c.SupplementalGroups != nil},
			setField{"supplementalGroupsPolicy", c.SupplementalGroupsPolicy != nil},
			setField{"seLinuxChangePolicy", c.SELinuxChangePolicy != nil})...)
	}
	for c, at := range EachContainer(spec, path) {
		s := c.SecurityContext
		if s == nil {
			continue
		}
		errs = append(errs, forbidden(at.Child("securityContext"),
			setField{"appArmorProfile", s.AppArmorProfile != nil},
			setField{"seLinuxOptions", s.SELinuxOptions != nil},
			setField{"seccompProfile", s.SeccompProfile != nil},
			setField{"capabilities", s.Capabilities != nil},
			setField{"readOnlyRootFilesystem", s.ReadOnlyRootFilesystem != nil},
			setField{"privileged", s.Privileged != nil},
			setField{"allowPrivilegeEscalation", s.AllowPrivilegeEscalation != nil},
			setField{"procMount", s.ProcMount != nil},
			setField{"runAsUser", s.RunAsUser != nil},
			setField{"runAsGroup", s.RunAsGroup != nil})...)
	}
	return errs
}

// validateHostUsers: with user IDs of its own a pod may not share the node's other namespaces, nor raw
// block devices, whose owners the kernel does not map.
func validateHostUsers(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	if spec.HostUsers == nil || *spec.HostUsers {
		return nil
	}
	const msg = "when `hostUsers` is false"
	var errs field.ErrorList
	if spec.HostNetwork {
		errs = append(errs, field.Forbidden(path.Child("hostNetwork"), msg))
	}
	if spec.HostPID {
		errs = append(errs, field.Forbidden(path.Child("HostPID"), msg))
	}
	if spec.HostIPC {
		errs = append(errs, field.Forbidden(path.Child("HostIPC"), msg))
	}
	for c, at := range EachContainer(spec, path) {
		if len(c.VolumeDevices) > 0 {
			errs = append(errs, field.Forbidden(at.Child("volumeDevices"), msg))
		}
	}
	return errs
}
