package batch

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func validateJobUpdate(_ kinds.Input, j, old *batchv1.Job) field.ErrorList {
	spec, was := &j.Spec, &old.Spec
	errs := validateJobSpec(spec, &was.Template, selectors.Loosened(was.Selector), specPath)
	errs = append(errs, validateCompletionsUpdate(spec, was, specPath.Child("completions"))...)
	errs = append(errs, workload.Immutable(spec.Selector, was.Selector, specPath.Child("selector"))...)
	errs = append(errs, validateTemplateUpdate(j, old, specPath.Child("template"))...)
	errs = append(errs, workload.Immutable(spec.CompletionMode, was.CompletionMode, specPath.Child("completionMode"))...)
	errs = append(errs, workload.Immutable(spec.PodFailurePolicy, was.PodFailurePolicy, specPath.Child("podFailurePolicy"))...)
	errs = append(errs, workload.Immutable(spec.BackoffLimitPerIndex, was.BackoffLimitPerIndex, specPath.Child("backoffLimitPerIndex"))...)
	errs = append(errs, workload.Immutable(spec.ManagedBy, was.ManagedBy, specPath.Child("managedBy"))...)
	return append(errs, workload.Immutable(spec.SuccessPolicy, was.SuccessPolicy, specPath.Child("successPolicy"))...)
}

// validateCompletionsUpdate lets an indexed job grow and shrink: completions may change together with
// parallelism (KEP-3715).
func validateCompletionsUpdate(spec, old *batchv1.JobSpec, path *field.Path) field.ErrorList {
	if !isIndexed(spec) {
		return workload.Immutable(spec.Completions, old.Completions, path)
	}
	if spec.Completions == nil || !workload.Changed(spec.Completions, old.Completions) {
		return nil // that an indexed job needs completions is said elsewhere
	}
	if *spec.Completions != deref(spec.Parallelism) {
		return field.ErrorList{field.Invalid(path, *spec.Completions, "can only be modified in tandem with spec.parallelism")}
	}
	return nil
}

// validateTemplateUpdate lets where and with what the pods run change while the job is suspended and none
// of them runs (KEP-2926, KEP-5440). The rest of the template never changes.
func validateTemplateUpdate(j, old *batchv1.Job, path *field.Path) field.ErrorList {
	template := &j.Spec.Template
	if !deref(old.Spec.Suspend) || old.Status.Active > 0 {
		return workload.Immutable(*template, old.Spec.Template, path)
	}
	was := old.Spec.Template.DeepCopy()
	was.Annotations = template.Annotations
	was.Labels = template.Labels
	allowScheduling(&was.Spec, &template.Spec)
	allowResources(was.Spec.Containers, template.Spec.Containers)
	allowResources(was.Spec.InitContainers, template.Spec.InitContainers)
	errs := workload.Immutable(template.Spec, was.Spec, path.Child("spec"))
	if len(errs) == 0 && workload.Changed(template.ObjectMeta, was.ObjectMeta) {
		errs = append(errs, workload.Immutable(*template, *was, path)...)
	}
	return errs
}

// allowScheduling takes over what says where pods go: node selector, node affinity, tolerations, gates.
func allowScheduling(was, now *corev1.PodSpec) {
	switch {
	case now.Affinity == nil && was.Affinity != nil:
		was.Affinity.NodeAffinity = nil
		if *was.Affinity == (corev1.Affinity{}) {
			was.Affinity = nil
		}
	case now.Affinity != nil && was.Affinity == nil:
		was.Affinity = &corev1.Affinity{NodeAffinity: now.Affinity.NodeAffinity}
	case now.Affinity != nil:
		was.Affinity.NodeAffinity = now.Affinity.NodeAffinity
	}
	was.NodeSelector = now.NodeSelector
	was.Tolerations = now.Tolerations
	was.SchedulingGates = now.SchedulingGates
}

func allowResources(was, now []corev1.Container) {
	if len(was) != len(now) {
		return
	}
	for i := range was {
		was[i].Resources.Requests = now[i].Resources.Requests
		was[i].Resources.Limits = now[i].Resources.Limits
	}
}
