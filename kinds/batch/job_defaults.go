package batch

import (
	"maps"
	"math"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/workload"
)

func defaultJob(j *batchv1.Job) {
	spec := &j.Spec
	workload.DefaultTemplate(&spec.Template)
	if spec.Completions == nil && spec.Parallelism == nil {
		set(&spec.Completions, 1)
	}
	set(&spec.Parallelism, 1)
	if spec.BackoffLimitPerIndex != nil {
		set(&spec.BackoffLimit, math.MaxInt32)
	}
	set(&spec.BackoffLimit, 6)
	defaultJobLabels(j)
	set(&spec.CompletionMode, batchv1.NonIndexedCompletion)
	set(&spec.Suspend, false)
	defaultFailurePolicy(spec.PodFailurePolicy)
	if spec.PodFailurePolicy != nil {
		set(&spec.PodReplacementPolicy, batchv1.Failed)
	}
	set(&spec.PodReplacementPolicy, batchv1.TerminatingOrFailed)
	set(&spec.ManualSelector, false)
}

// defaultJobLabels gives a job without labels those of its pods.
func defaultJobLabels(j *batchv1.Job) {
	if len(j.Labels) == 0 && len(j.Spec.Template.Labels) > 0 {
		j.Labels = maps.Clone(j.Spec.Template.Labels)
	}
}

func defaultFailurePolicy(policy *batchv1.PodFailurePolicy) {
	if policy == nil {
		return
	}
	for i := range policy.Rules {
		conditions := policy.Rules[i].OnPodConditions
		for k := range conditions {
			if conditions[k].Status == "" {
				conditions[k].Status = corev1.ConditionTrue
			}
		}
	}
}

func prepareJob(_ kinds.Input, j *batchv1.Job) {
	j.Status = batchv1.JobStatus{}
	workload.Begin(&j.ObjectMeta)
	workload.DropDisabled(&j.Spec.Template, nil)
	j.Spec.Scheduling = nil // alpha, and off: WorkloadWithJob
	// A job whose labels come from its template also gets those that are made for the template. Bad ones
	// are refused in the template alone.
	defaulted := len(j.Labels) == 0 || maps.Equal(j.Labels, j.Spec.Template.Labels)
	generateSelector(j)
	if defaulted && len(metav1validation.ValidateLabels(j.Spec.Template.Labels, nil)) == 0 {
		j.Labels = maps.Clone(j.Spec.Template.Labels)
	}
}

func prepareJobUpdate(_ kinds.Input, j, old *batchv1.Job) {
	j.Status = old.Status
	workload.DropDisabled(&j.Spec.Template, &old.Spec.Template)
	if old.Spec.Scheduling == nil {
		j.Spec.Scheduling = nil
	}
	workload.Advance(&j.ObjectMeta, &old.ObjectMeta, workload.Changed(j.Spec, old.Spec))
}
