package batch

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The labels by which a job finds its pods. The unprefixed ones are older and still set for those who
// look for them.
const (
	legacyUIDLabel  = "controller-uid"
	legacyNameLabel = "job-name"
)

// generateSelector makes the selector of a job by its uid, and gives the template labels that match, unless
// the job brings a selector of its own. A conflict with what is there is left for validation to refuse.
func generateSelector(j *batchv1.Job) {
	if deref(j.Spec.ManualSelector) {
		return
	}
	if j.Spec.Template.Labels == nil {
		j.Spec.Template.Labels = map[string]string{}
	}
	uid := string(j.UID)
	absent(j.Spec.Template.Labels, batchv1.JobNameLabel, j.Name)
	absent(j.Spec.Template.Labels, legacyNameLabel, j.Name)
	absent(j.Spec.Template.Labels, batchv1.ControllerUidLabel, uid)
	absent(j.Spec.Template.Labels, legacyUIDLabel, uid)
	if j.Spec.Selector == nil {
		j.Spec.Selector = &metav1.LabelSelector{}
	}
	if j.Spec.Selector.MatchLabels == nil {
		j.Spec.Selector.MatchLabels = map[string]string{}
	}
	absent(j.Spec.Selector.MatchLabels, batchv1.ControllerUidLabel, uid)
}

func absent(m map[string]string, key, value string) {
	if _, ok := m[key]; !ok {
		m[key] = value
	}
}

func validateGeneratedSelector(j *batchv1.Job) field.ErrorList {
	if deref(j.Spec.ManualSelector) || j.Spec.Selector == nil {
		return nil
	}
	var errs field.ErrorList
	if j.UID == "" {
		errs = append(errs, field.Required(field.NewPath("metadata", "uid"), ""))
	}
	path := specPath.Child("template", "metadata", "labels")
	expected := labels.Set{}
	for _, l := range []struct{ key, value string }{
		{legacyUIDLabel, string(j.UID)},
		{legacyNameLabel, j.Name},
		{batchv1.ControllerUidLabel, string(j.UID)},
		{batchv1.JobNameLabel, j.Name},
	} {
		expected[l.key] = l.value
		msg := fmt.Sprintf("must be '%s'", l.value)
		if actual, ok := j.Spec.Template.Labels[l.key]; !ok {
			errs = append(errs, field.Required(path.Key(l.key), msg))
		} else if actual != l.value {
			errs = append(errs, field.Invalid(path.Key(l.key), j.Spec.Template.Labels, msg))
		}
	}
	if selector, err := metav1.LabelSelectorAsSelector(j.Spec.Selector); err == nil && !selector.Matches(expected) {
		errs = append(errs, field.Invalid(specPath.Child("selector"), j.Spec.Selector, "`selector` not auto-generated"))
	}
	return errs
}
