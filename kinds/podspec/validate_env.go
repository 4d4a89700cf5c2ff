package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const twoSources = "may not have more than one field specified at a time"

func validateEnv(vars []corev1.EnvVar, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range vars {
		at := path.Index(i)
		if vars[i].Name == "" {
			errs = append(errs, field.Required(at.Child("name"), ""))
		} else {
			errs = append(errs, invalidEach(at.Child("name"), vars[i].Name, validation.IsRelaxedEnvVarName(vars[i].Name))...)
		}
		if vars[i].ValueFrom != nil {
			errs = append(errs, validateEnvSource(&vars[i], at.Child("valueFrom"))...)
		}
	}
	return errs
}

func validateEnvSource(v *corev1.EnvVar, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	sources := 0
	if ref := v.ValueFrom.FieldRef; ref != nil {
		sources++
		errs = append(errs, validateFieldRef(ref, envFields, path.Child("fieldRef"))...)
	}
	if ref := v.ValueFrom.ResourceFieldRef; ref != nil {
		sources++
		errs = append(errs, validateResourceRef(ref, false, path.Child("resourceFieldRef"))...)
	}
	if ref := v.ValueFrom.ConfigMapKeyRef; ref != nil {
		sources++
		errs = append(errs, validateKeyRef(ref.Name, ref.Key, path.Child("configMapKeyRef"))...)
	}
	if ref := v.ValueFrom.SecretKeyRef; ref != nil {
		sources++
		errs = append(errs, validateKeyRef(ref.Name, ref.Key, path.Child("secretKeyRef"))...)
	}
	if ref := v.ValueFrom.FileKeyRef; ref != nil {
		sources++
		errs = append(errs, validateFileKeyRef(ref, path.Child("fileKeyRef"))...)
	}
	switch {
	case sources == 0:
		errs = append(errs, field.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"))
	case v.Value != "":
		errs = append(errs, field.Invalid(path, "", "may not be specified when `value` is not empty"))
	case sources > 1:
		errs = append(errs, field.Invalid(path, "", twoSources))
	}
	return errs
}

// validateKeyRef checks a key of a ConfigMap or Secret; the keys of both follow one rule.
func validateKeyRef(name, key string, path *field.Path) field.ErrorList {
	errs := validateSubdomain(name, path.Child("name"))
	if key == "" {
		return append(errs, field.Required(path.Child("key"), ""))
	}
	return append(errs, invalidEach(path.Child("key"), key, validation.IsConfigMapKey(key))...)
}

func validateFileKeyRef(ref *corev1.FileKeySelector, path *field.Path) field.ErrorList {
	errs := require(ref.Key, path.Child("key"))
	if ref.Key != "" {
		errs = append(errs, invalidEach(path.Child("key"), ref.Key, validation.IsRelaxedEnvVarName(ref.Key))...)
	}
	errs = append(errs, require(ref.VolumeName, path.Child("volumeName"))...)
	errs = append(errs, require(ref.Path, path.Child("path"))...)
	return append(errs, validateNoBacksteps(ref.Path, path.Child("path"))...)
}

// validateFileVolumes checks that files with variables lie in empty directories of the pod, which only its
// own containers write.
func (s *scope) validateFileVolumes(path *field.Path) field.ErrorList {
	errs := s.validateFileVolumesOf(s.spec.InitContainers, path.Child("initContainers"))
	errs = append(errs, s.validateFileVolumesOf(s.spec.Containers, path.Child("containers"))...)
	for i := range s.spec.EphemeralContainers {
		c := asContainer(&s.spec.EphemeralContainers[i])
		errs = append(errs, s.validateFileVolumesIn(c, path.Child("ephemeralContainers").Index(i))...)
	}
	return errs
}

func (s *scope) validateFileVolumesOf(containers []corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range containers {
		errs = append(errs, s.validateFileVolumesIn(&containers[i], path.Index(i))...)
	}
	return errs
}

func (s *scope) validateFileVolumesIn(c *corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range c.Env {
		if c.Env[i].ValueFrom == nil || c.Env[i].ValueFrom.FileKeyRef == nil {
			continue
		}
		name := c.Env[i].ValueFrom.FileKeyRef.VolumeName
		at := path.Child("env").Index(i).Child("valueFrom", "fileKeyRef", "volumeName")
		if v := s.volumes[name]; v == nil {
			errs = append(errs, field.NotFound(at, name))
		} else if v.EmptyDir == nil {
			errs = append(errs, field.Invalid(at, name, "referenced volume must be of type emptyDir"))
		}
	}
	return errs
}

func validateEnvFrom(sources []corev1.EnvFromSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range sources {
		s, at := &sources[i], path.Index(i)
		if s.Prefix != "" {
			errs = append(errs, invalidEach(at.Child("prefix"), s.Prefix, validation.IsRelaxedEnvVarName(s.Prefix))...)
		}
		if s.ConfigMapRef != nil {
			errs = append(errs, validateEnvFromName(s.ConfigMapRef.Name, at.Child("configMapRef", "name"))...)
		}
		if s.SecretRef != nil {
			errs = append(errs, validateEnvFromName(s.SecretRef.Name, at.Child("secretRef", "name"))...)
		}
		// These two name the list, not the entry.
		switch {
		case s.ConfigMapRef == nil && s.SecretRef == nil:
			errs = append(errs, field.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
		case s.ConfigMapRef != nil && s.SecretRef != nil:
			errs = append(errs, field.Invalid(path, "", twoSources))
		}
	}
	return errs
}

func validateEnvFromName(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return validateSubdomain(name, path)
}
