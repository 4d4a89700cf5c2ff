package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// ValidateTemplate returns what is wrong with a defaulted pod template at path ("spec.template").
func ValidateTemplate(t *corev1.PodTemplateSpec, opts Options, path *field.Path) field.ErrorList {
	// Labels and annotations are reported beside metadata, not below it: that is how clients know it.
	errs := metav1validation.ValidateLabels(t.Labels, path.Child("labels"))
	errs = append(errs, validation.ValidateAnnotations(t.Annotations, path.Child("annotations"))...)
	errs = append(errs, ValidateAnnotations(t.Annotations, &t.Spec, path.Child("annotations"))...)
	errs = append(errs, ValidateSpec(&t.Spec, nil, opts, path.Child("spec"))...)
	errs = append(errs, ValidateSeccompAgreement(t.Annotations, &t.Spec, path.Child("spec"))...)
	if len(t.Spec.EphemeralContainers) > 0 {
		errs = append(errs, field.Forbidden(path.Child("spec", "ephemeralContainers"), "ephemeral containers not allowed in pod template"))
	}
	return Distinct(errs)
}
