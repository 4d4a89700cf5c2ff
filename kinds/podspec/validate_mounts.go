package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateMounts checks the mounts of a container; path is that of the container. Some errors name the
// list and not its entry, as clients know them.
func (s *scope) validateMounts(c *corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	list := path.Child("volumeMounts")
	places := make(map[string]bool, len(c.VolumeMounts))
	for i := range c.VolumeMounts {
		m, at := &c.VolumeMounts[i], list.Index(i)
		errs = append(errs, require(m.Name, at.Child("name"))...)
		if s.volumes[m.Name] == nil {
			errs = append(errs, field.NotFound(at.Child("name"), m.Name))
		}
		errs = append(errs, require(m.MountPath, at.Child("mountPath"))...)
		if places[m.MountPath] {
			errs = append(errs, field.Invalid(at.Child("mountPath"), m.MountPath, "must be unique"))
		}
		places[m.MountPath] = true
		for j := range c.VolumeDevices {
			if c.VolumeDevices[j].Name == m.Name {
				errs = append(errs, field.Invalid(at.Child("name"), m.Name, "must not already exist in volumeDevices"))
				break
			}
		}
		for j := range c.VolumeDevices {
			if c.VolumeDevices[j].DevicePath == m.MountPath {
				errs = append(errs, field.Invalid(at.Child("mountPath"), m.MountPath, "must not already exist as a path in volumeDevices"))
				break
			}
		}
		if m.SubPath != "" {
			errs = append(errs, validateDescendingPath(m.SubPath, list.Child("subPath"))...)
		}
		if m.SubPathExpr != "" {
			if m.SubPath != "" {
				errs = append(errs, field.Invalid(at.Child("subPathExpr"), m.SubPathExpr, "subPathExpr and subPath are mutually exclusive"))
			}
			errs = append(errs, validateDescendingPath(m.SubPathExpr, list.Child("subPathExpr"))...)
		}
		errs = append(errs, validatePropagation(m.MountPropagation, c, list.Child("mountPropagation"))...)
		errs = append(errs, validateRecursiveReadOnly(m, list.Child("recursiveReadOnly"))...)
	}
	return errs
}

func validatePropagation(mode *corev1.MountPropagationMode, c *corev1.Container, path *field.Path) field.ErrorList {
	if mode == nil {
		return nil
	}
	switch *mode {
	case corev1.MountPropagationHostToContainer, corev1.MountPropagationNone:
		return nil
	case corev1.MountPropagationBidirectional:
		if c.SecurityContext == nil || !deref(c.SecurityContext.Privileged) {
			return field.ErrorList{field.Forbidden(path, "Bidirectional mount propagation is available only to privileged containers")}
		}
		return nil
	}
	return field.ErrorList{field.NotSupported(path, *mode, []corev1.MountPropagationMode{
		corev1.MountPropagationBidirectional, corev1.MountPropagationHostToContainer, corev1.MountPropagationNone})}
}

func validateRecursiveReadOnly(m *corev1.VolumeMount, path *field.Path) field.ErrorList {
	if m.RecursiveReadOnly == nil {
		return nil
	}
	var errs field.ErrorList
	switch *m.RecursiveReadOnly {
	case corev1.RecursiveReadOnlyDisabled:
	case corev1.RecursiveReadOnlyEnabled, corev1.RecursiveReadOnlyIfPossible:
		if !m.ReadOnly {
			errs = append(errs, field.Forbidden(path, "may only be specified when readOnly is true"))
		}
		if m.MountPropagation != nil && *m.MountPropagation != corev1.MountPropagationNone {
			errs = append(errs, field.Forbidden(path, "may only be specified when mountPropagation is None or not specified"))
		}
	default:
		errs = append(errs, field.NotSupported(path, *m.RecursiveReadOnly, []corev1.RecursiveReadOnlyMode{
			corev1.RecursiveReadOnlyDisabled, corev1.RecursiveReadOnlyEnabled, corev1.RecursiveReadOnlyIfPossible}))
	}
	return errs
}

func (s *scope) validateDevices(c *corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	names, places := map[string]bool{}, map[string]bool{}
	for i := range c.VolumeDevices {
		d, at := &c.VolumeDevices[i], path.Index(i)
		errs = append(errs, require(d.Name, at.Child("name"))...)
		if names[d.Name] {
			errs = append(errs, field.Invalid(at.Child("name"), d.Name, "must be unique"))
		}
		if v := s.volumes[d.Name]; v == nil {
			errs = append(errs, field.NotFound(at.Child("name"), d.Name))
		} else if v.PersistentVolumeClaim == nil && v.Ephemeral == nil {
			errs = append(errs, field.Invalid(at.Child("name"), d.Name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"))
		}
		errs = append(errs, require(d.DevicePath, at.Child("devicePath"))...)
		if places[d.DevicePath] {
			errs = append(errs, field.Invalid(at.Child("devicePath"), d.DevicePath, "must be unique"))
		}
		if len(validateNoBacksteps(d.DevicePath, at)) > 0 {
			errs = append(errs, field.Invalid(at.Child("devicePath"), d.DevicePath, "can not contain backsteps ('..')"))
		} else {
			places[d.DevicePath] = true
		}
		errs = append(errs, validateDeviceAgainstMounts(d, c.VolumeMounts, at)...)
		if d.Name != "" {
			names[d.Name] = true
		}
	}
	return errs
}

func validateDeviceAgainstMounts(d *corev1.VolumeDevice, mounts []corev1.VolumeMount, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range mounts {
		if mounts[i].Name == d.Name {
			errs = append(errs, field.Invalid(path.Child("name"), d.Name, "must not already exist in volumeMounts"))
			break
		}
	}
	for i := range mounts {
		if mounts[i].MountPath == d.DevicePath {
			errs = append(errs, field.Invalid(path.Child("devicePath"), d.DevicePath, "must not already exist as a path in volumeMounts"))
			break
		}
	}
	return errs
}
