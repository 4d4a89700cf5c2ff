package pod

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/podspec"
)

// validateTransitions: a container that ended stays so, unless something may start it again.
func validateTransitions(s, old *corev1.PodStatus, spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	errs = append(errs, validateEnded(s.ContainerStatuses, old.ContainerStatuses, path.Child("containerStatuses"), func(name string, code int32) bool {
		return mayRestart(spec, find(spec.Containers, name), code)
	})...)
	errs = append(errs, validateEnded(s.InitContainerStatuses, old.InitContainerStatuses, path.Child("initContainerStatuses"), func(name string, code int32) bool {
		c := find(spec.InitContainers, name)
		if c != nil && podspec.IsSidecar(c) {
			return true
		}
		if code != 0 && spec.RestartPolicy != corev1.RestartPolicyNever {
			return true
		}
		return mayRestart(spec, c, code)
	})...)
	return append(errs, validateEnded(s.EphemeralContainerStatuses, old.EphemeralContainerStatuses, path.Child("ephemeralContainerStatuses"), func(string, int32) bool {
		return false // they run once
	})...)
}

func find(containers []corev1.Container, name string) *corev1.Container {
	i := slices.IndexFunc(containers, func(c corev1.Container) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &containers[i]
}

func validateEnded(list, old []corev1.ContainerStatus, path *field.Path, restarts func(name string, code int32) bool) field.ErrorList {
	var errs field.ErrorList
	for i := range old {
		ended := old[i].State.Terminated
		if ended == nil || restarts(old[i].Name, ended.ExitCode) {
			continue
		}
		for j := range list {
			if list[j].Name == old[i].Name && list[j].State.Terminated == nil {
				errs = append(errs, field.Forbidden(path.Index(i).Child("state"), "may not be transitioned to non-terminated state"))
			}
		}
	}
	return errs
}

// mayRestart reports whether a container that exited with a code may run again: by one of its rules, by its
// own policy, or else by the pod's. c is nil for one that the spec does not know.
func mayRestart(spec *corev1.PodSpec, c *corev1.Container, code int32) bool {
	policy := spec.RestartPolicy
	if c != nil {
		for i := range c.RestartPolicyRules {
			if r := c.RestartPolicyRules[i].ExitCodes; r != nil && slices.Contains(r.Values, code) == (r.Operator == corev1.ContainerRestartRuleOnExitCodesOpIn) {
				return true
			}
		}
		if c.RestartPolicy != nil {
			policy = corev1.RestartPolicy(*c.RestartPolicy)
		}
	}
	return policy == corev1.RestartPolicyAlways || policy == corev1.RestartPolicyOnFailure && code != 0
}
