package job

import (
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// verdict is what a job's pod failure policy says of a pod that failed.
type verdict struct {
	failJob   string // why the whole job fails; empty if it does not
	failIndex bool
	ignored   bool // the failure does not count
}

// judge applies the first rule that matches (KEP-3329).
func judge(job *batchv1.Job, p *corev1.Pod) verdict {
	if job.Spec.PodFailurePolicy == nil {
		return verdict{}
	}
	for i, rule := range job.Spec.PodFailurePolicy.Rules {
		why, ok := matches(rule, p, i)
		if !ok {
			continue
		}
		switch rule.Action {
		case batchv1.PodFailurePolicyActionFailJob:
			return verdict{failJob: why}
		case batchv1.PodFailurePolicyActionFailIndex:
			if job.Spec.BackoffLimitPerIndex != nil {
				return verdict{failIndex: true}
			}
		case batchv1.PodFailurePolicyActionIgnore:
			return verdict{ignored: true}
		}
		return verdict{}
	}
	return verdict{}
}

func matches(rule batchv1.PodFailurePolicyRule, p *corev1.Pod, i int) (string, bool) {
	if on := rule.OnExitCodes; on != nil {
		for _, list := range [][]corev1.ContainerStatus{p.Status.ContainerStatuses, p.Status.InitContainerStatuses} {
			for _, s := range list {
				if s.State.Terminated == nil || on.ContainerName != nil && *on.ContainerName != s.Name {
					continue
				}
				code := s.State.Terminated.ExitCode
				in := slices.Contains(on.Values, code)
				if code != 0 && in == (on.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn) {
					return fmt.Sprintf("Container %s for pod %s/%s failed with exit code %v matching %v rule at index %d", s.Name, p.Namespace, p.Name, code, rule.Action, i), true
				}
			}
		}
		return "", false
	}
	for _, c := range p.Status.Conditions {
		for _, pattern := range rule.OnPodConditions {
			if c.Type == pattern.Type && c.Status == pattern.Status {
				return fmt.Sprintf("Pod %s/%s has condition %v matching %v rule at index %d", p.Namespace, p.Name, c.Type, rule.Action, i), true
			}
		}
	}
	return "", false
}

// success returns why the job has succeeded before all its indexes have (KEP-3998).
func success(job *batchv1.Job, succeeded intervals) (string, bool) {
	if job.Spec.SuccessPolicy == nil || !indexed(job) {
		return "", false
	}
	for i, rule := range job.Spec.SuccessPolicy.Rules {
		have, need := succeeded.total(), 0
		if rule.SucceededIndexes != nil {
			of := parseIntervals(*rule.SucceededIndexes, int(*job.Spec.Completions))
			have, need = succeeded.common(of), of.total()
		}
		if rule.SucceededCount != nil {
			need = int(*rule.SucceededCount)
		}
		if need > 0 && have >= need {
			return fmt.Sprintf("Matched rules at index %d", i), true
		}
	}
	return "", false
}
