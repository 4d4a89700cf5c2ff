package podspec

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	tolerationsAnnotation    = "scheduler.alpha.kubernetes.io/tolerations"
	seccompPodAnnotation     = "seccomp.security.alpha.kubernetes.io/pod"
	seccompContainerPrefix   = "container.seccomp.security.alpha.kubernetes.io/"
	appArmorContainerPrefix  = corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix
	seccompRuntimeDefault    = "runtime/default"
	seccompDockerDefault     = "docker/default"
	seccompUnconfined        = "unconfined"
	localhostProfilePrefix   = "localhost/"
	appArmorRuntimeDefault   = "runtime/default"
	appArmorUnconfined       = "unconfined"
	seccompTypeMustMatch     = "seccomp type in annotation and field must match"
	seccompProfileMustMatch  = "seccomp profile in annotation and field must match"
	maxAppArmorProfileLength = 4095
)

// ValidateAnnotations checks the annotations of a pod or template that have a meaning; that their keys are
// well formed is not its concern. path is that of the annotations.
func ValidateAnnotations(annotations map[string]string, spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	if len(annotations) == 0 {
		return nil
	}
	var errs field.ErrorList
	if value, mirror := annotations[corev1.MirrorPodAnnotationKey]; mirror && spec.NodeName == "" {
		errs = append(errs, field.Invalid(path.Key(corev1.MirrorPodAnnotationKey), value, "must set spec.nodeName if mirror pod annotation is set"))
	}
	if text := annotations[tolerationsAnnotation]; text != "" {
		errs = append(errs, validateTolerationsAnnotation(text, path)...)
	}
	if cost, ok := annotations[corev1.PodDeletionCost]; ok && !validDeletionCost(cost) {
		errs = append(errs, field.Invalid(path.Key(corev1.PodDeletionCost), cost, "must be a 32bit integer"))
	}
	errs = append(errs, validateSeccompAnnotations(annotations, path)...)
	return append(errs, validateAppArmorAnnotations(annotations, spec, path)...)
}

// validDeletionCost accepts decimal numbers as Go prints them: no plus sign, no leading zeros.
func validDeletionCost(text string) bool {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return false
	}
	return n == 0 && text == "0" || text[0] == '-' || text[0] >= '1' && text[0] <= '9'
}

func validateTolerationsAnnotation(text string, path *field.Path) field.ErrorList {
	var tolerations []corev1.Toleration
	if err := json.Unmarshal([]byte(text), &tolerations); err != nil {
		return field.ErrorList{field.Invalid(path, tolerationsAnnotation, err.Error())}
	}
	return validateTolerations(tolerations, path.Child(tolerationsAnnotation))
}

func validateSeccompAnnotations(annotations map[string]string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if profile, ok := annotations[seccompPodAnnotation]; ok {
		errs = append(errs, validateSeccompText(profile, path.Child(seccompPodAnnotation))...)
	}
	for _, key := range keysWith(annotations, seccompContainerPrefix) {
		errs = append(errs, validateSeccompText(annotations[key], path.Child(key))...)
	}
	return errs
}

func validateSeccompText(profile string, path *field.Path) field.ErrorList {
	switch profile {
	case seccompRuntimeDefault, seccompDockerDefault, seccompUnconfined:
		return nil
	}
	if local, ok := strings.CutPrefix(profile, localhostProfilePrefix); ok {
		return validateDescendingPath(local, path)
	}
	return field.ErrorList{field.Invalid(path, profile, "must be a valid seccomp profile")}
}

func validateAppArmorAnnotations(annotations map[string]string, spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, key := range keysWith(annotations, appArmorContainerPrefix) {
		name := strings.TrimPrefix(key, appArmorContainerPrefix)
		if !hasContainer(spec, name) {
			errs = append(errs, field.Invalid(path.Key(key), name, "container not found"))
		}
		if err := checkAppArmorText(annotations[key]); err != nil {
			errs = append(errs, field.Invalid(path.Key(key), annotations[key], err.Error()))
		}
	}
	return errs
}

func checkAppArmorText(profile string) error {
	switch profile {
	case "", appArmorRuntimeDefault, appArmorUnconfined:
		return nil
	}
	if !strings.HasPrefix(profile, localhostProfilePrefix) {
		return errors.New("invalid AppArmor profile name: " + strconv.Quote(profile))
	}
	return nil
}

// ValidateSeccompAgreement checks that seccomp annotations, where there are any, say what the fields say.
// path is that of the spec.
func ValidateSeccompAgreement(annotations map[string]string, spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	if len(annotations) == 0 {
		return nil
	}
	var errs field.ErrorList
	if text, ok := annotations[seccompPodAnnotation]; ok && spec.SecurityContext != nil {
		errs = append(errs, seccompAgrees(text, spec.SecurityContext.SeccompProfile, path.Child("securityContext", "seccompProfile"))...)
	}
	for c, at := range EachContainer(spec, path) {
		text, ok := annotations[seccompContainerPrefix+c.Name]
		if ok && c.SecurityContext != nil {
			errs = append(errs, seccompAgrees(text, c.SecurityContext.SeccompProfile, at.Child("securityContext", "seccompProfile"))...)
		}
	}
	return errs
}

func seccompAgrees(text string, profile *corev1.SeccompProfile, at *field.Path) field.ErrorList {
	if profile == nil {
		return nil
	}
	agree := true
	switch profile.Type {
	case corev1.SeccompProfileTypeUnconfined:
		agree = text == seccompUnconfined
	case corev1.SeccompProfileTypeRuntimeDefault:
		agree = text == seccompRuntimeDefault || text == seccompDockerDefault
	case corev1.SeccompProfileTypeLocalhost:
		var local string
		if local, agree = strings.CutPrefix(text, localhostProfilePrefix); agree && (profile.LocalhostProfile == nil || local != *profile.LocalhostProfile) {
			return field.ErrorList{field.Forbidden(at.Child("localhostProfile"), seccompProfileMustMatch)}
		}
	}
	if !agree {
		return field.ErrorList{field.Forbidden(at.Child("type"), seccompTypeMustMatch)}
	}
	return nil
}

// keysWith returns the keys with a prefix, sorted so that errors come in the same order each time.
func keysWith(annotations map[string]string, prefix string) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for key := range maps.Keys(annotations) {
			if strings.HasPrefix(key, prefix) && !yield(key) {
				return
			}
		}
	})
}
