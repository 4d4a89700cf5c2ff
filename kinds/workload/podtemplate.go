package workload

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/podspec"
)

// DefaultTemplate fills in a pod template.
func DefaultTemplate(template *corev1.PodTemplateSpec) { podspec.DefaultTemplate(template) }

// DropDisabled drops fields of features that are off from a pod template; old is the stored one, nil on
// create.
func DropDisabled(template, old *corev1.PodTemplateSpec) { podspec.DropDisabledTemplate(template, old) }

// ValidateTemplate checks a pod template; old is the stored one, nil on create.
func ValidateTemplate(template, old *corev1.PodTemplateSpec, path *field.Path) field.ErrorList {
	return podspec.ValidateTemplate(template, podspec.OptionsFor(old), path)
}

// WarnTemplate returns the warnings of a pod template; old is the stored one, nil on create.
func WarnTemplate(template, old *corev1.PodTemplateSpec, path *field.Path) []string {
	return podspec.TemplateWarnings(path, template)
}

// DefaultClaimSpec fills in the spec of a volume claim.
func DefaultClaimSpec(spec *corev1.PersistentVolumeClaimSpec) { podspec.DefaultClaimSpec(spec) }

// ValidateClaimSpec checks the spec of a volume claim.
func ValidateClaimSpec(spec *corev1.PersistentVolumeClaimSpec, path *field.Path) field.ErrorList {
	return podspec.ValidateClaimSpec(spec, path)
}

// WarnClaimSpec returns the warnings of a volume claim.
func WarnClaimSpec(spec *corev1.PersistentVolumeClaimSpec, path *field.Path) []string {
	return podspec.ClaimWarnings(path, spec)
}
