package pod

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/podspec"
)

const (
	appArmorPrefix    = corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix
	appArmorLocalhost = "localhost/"
)

// fillAppArmor sets the field of a container from its annotation, where only that is there. Fields are never
// written to annotations.
func fillAppArmor(pod *corev1.Pod) {
	if len(pod.Annotations) == 0 || onWindows(pod) {
		return
	}
	for c := range podspec.Containers(&pod.Spec) {
		text, there := pod.Annotations[appArmorPrefix+c.Name]
		if !there || c.SecurityContext != nil && c.SecurityContext.AppArmorProfile != nil {
			continue
		}
		profile := appArmorProfile(text)
		if profile == nil {
			continue
		}
		if s := pod.Spec.SecurityContext; s != nil && equality.Semantic.DeepEqual(s.AppArmorProfile, profile) {
			continue // the container has it from the pod
		}
		if c.SecurityContext == nil {
			c.SecurityContext = &corev1.SecurityContext{}
		}
		c.SecurityContext.AppArmorProfile = profile
	}
}

// appArmorProfile is the field for the text of an annotation, nil for one that is not valid.
func appArmorProfile(text string) *corev1.AppArmorProfile {
	switch text {
	case "runtime/default":
		return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeRuntimeDefault}
	case "unconfined":
		return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}
	}
	if name, local := strings.CutPrefix(text, appArmorLocalhost); local && name != "" {
		return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeLocalhost, LocalhostProfile: &name}
	}
	return nil
}

// validateAppArmorAgreement checks that annotations and fields of containers say the same.
func validateAppArmorAgreement(pod *corev1.Pod, path *field.Path) field.ErrorList {
	if len(pod.Annotations) == 0 || onWindows(pod) {
		return nil
	}
	var errs field.ErrorList
	for c, at := range podspec.EachContainer(&pod.Spec, path) {
		text, there := pod.Annotations[appArmorPrefix+c.Name]
		profile := ownAppArmor(pod, c)
		if there && profile != nil {
			errs = append(errs, appArmorAgrees(text, profile, at.Child("securityContext", "appArmorProfile"))...)
		}
	}
	return errs
}

// ownAppArmor is the profile of a container: its own or the pod's.
func ownAppArmor(pod *corev1.Pod, c *corev1.Container) *corev1.AppArmorProfile {
	if c.SecurityContext != nil && c.SecurityContext.AppArmorProfile != nil {
		return c.SecurityContext.AppArmorProfile
	}
	if pod.Spec.SecurityContext != nil {
		return pod.Spec.SecurityContext.AppArmorProfile
	}
	return nil
}

func appArmorAgrees(text string, p *corev1.AppArmorProfile, at *field.Path) field.ErrorList {
	agree := true
	switch p.Type {
	case corev1.AppArmorProfileTypeUnconfined:
		agree = text == "unconfined"
	case corev1.AppArmorProfileTypeRuntimeDefault:
		agree = text == "runtime/default"
	case corev1.AppArmorProfileTypeLocalhost:
		var name string
		if name, agree = strings.CutPrefix(text, appArmorLocalhost); agree && (p.LocalhostProfile == nil || *p.LocalhostProfile != name) {
			return field.ErrorList{field.Forbidden(at.Child("localhostProfile"), "apparmor profile in annotation and field must match")}
		}
	}
	if !agree {
		return field.ErrorList{field.Forbidden(at.Child("type"), "apparmor type in annotation and field must match")}
	}
	return nil
}

// warnAppArmor warns of annotations; a field is the way to say it.
func warnAppArmor(pod *corev1.Pod) []string {
	if len(pod.Annotations) == 0 || onWindows(pod) {
		return nil
	}
	var texts []string
	for c := range podspec.Containers(&pod.Spec) {
		key := appArmorPrefix + c.Name
		if _, there := pod.Annotations[key]; there {
			texts = append(texts, field.NewPath("metadata", "annotations").Key(key).String()+": "+podspec.AppArmorDeprecated)
		}
	}
	return texts
}

func onWindows(pod *corev1.Pod) bool { return pod.Spec.OS != nil && pod.Spec.OS.Name == corev1.Windows }
