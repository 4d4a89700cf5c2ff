package workload

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/selectors"
)

// ValidateSelected checks the template of a kind whose pods always run: the selector matches its labels, it
// is a valid template, it restarts and has no deadline. owner is the kind the texts name; a selector that
// cannot be parsed must have been refused before.
func ValidateSelected(template, old *corev1.PodTemplateSpec, selector *metav1.LabelSelector, owner string, path *field.Path) field.ErrorList {
	errs := selectors.ValidateMatch(selector, template.Labels, path.Child("metadata", "labels"))
	errs = append(errs, ValidateTemplate(template, old, path)...)
	return append(errs, ValidateAlways(template, owner, path)...)
}

// ValidateAlways checks that the pods of a template run until they are deleted.
func ValidateAlways(template *corev1.PodTemplateSpec, owner string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if policy := template.Spec.RestartPolicy; policy != corev1.RestartPolicyAlways {
		errs = append(errs, field.NotSupported(path.Child("spec", "restartPolicy"), policy, []corev1.RestartPolicy{corev1.RestartPolicyAlways}))
	}
	if template.Spec.ActiveDeadlineSeconds != nil {
		errs = append(errs, field.Forbidden(path.Child("spec", "activeDeadlineSeconds"), "activeDeadlineSeconds in "+owner+" is not Supported"))
	}
	return errs
}

// WarnName warns of a name that is no DNS label, because pods and their hostnames are named after it.
func WarnName(name string) []string {
	if msgs := validation.IsDNS1123Label(name); len(msgs) != 0 {
		return []string{fmt.Sprintf("metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: %v", msgs)}
	}
	return nil
}
