package workload

import (
	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// DefaultTemplate fills in a pod template.
func DefaultTemplate(template *corev1.PodTemplateSpec) {
}

// ValidateTemplate checks a pod template; old is the stored one, nil on create.
func ValidateTemplate(template, old *corev1.PodTemplateSpec, path *field.Path) field.ErrorList {
	errs := metav1validation.ValidateLabels(template.Labels, path.Child("labels"))
	return append(errs, apivalidation.ValidateAnnotations(template.Annotations, path.Child("annotations"))...)
}

// WarnTemplate returns the warnings of a pod template; old is the stored one, nil on create.
func WarnTemplate(template, old *corev1.PodTemplateSpec, path *field.Path) []string {
	return nil
}

// DefaultClaimSpec fills in the spec of a volume claim.
func DefaultClaimSpec(spec *corev1.PersistentVolumeClaimSpec) {
}

// ValidateClaimSpec checks the spec of a volume claim.
func ValidateClaimSpec(spec *corev1.PersistentVolumeClaimSpec, path *field.Path) field.ErrorList {
	return nil
}

// WarnClaimSpec returns the warnings of a volume claim.
func WarnClaimSpec(spec *corev1.PersistentVolumeClaimSpec, path *field.Path) []string {
	return nil
}
