// Package pods is what controllers that own pods have in common: in what state a pod is, which are deleted
// first, how a pod is made of a template, how many are made at once, and how a controller knows that its
// informer has seen what it did itself. Callers: the workload controllers below control.
package pods

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Terminal reports whether the pod has run to its end.
func Terminal(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
}

// Active reports whether the pod counts as a replica: it has not ended and nobody is deleting it.
func Active(p *corev1.Pod) bool { return !Terminal(p) && p.DeletionTimestamp == nil }

// Condition returns the pod's condition of a type, or nil.
func Condition(p *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range p.Status.Conditions {
		if p.Status.Conditions[i].Type == kind {
			return &p.Status.Conditions[i]
		}
	}
	return nil
}

// Ready reports whether the pod is ready.
func Ready(p *corev1.Pod) bool {
	c := Condition(p, corev1.PodReady)
	return c != nil && c.Status == corev1.ConditionTrue
}

// AvailableIn says how long it takes until the pod, if it stays ready, has been ready for minReadySeconds:
// 0 for a pod that is available, ok false for one that is not ready.
func AvailableIn(p *corev1.Pod, minReadySeconds int32, now time.Time) (in time.Duration, ok bool) {
	c := Condition(p, corev1.PodReady)
	if c == nil || c.Status != corev1.ConditionTrue {
		return 0, false
	}
	if minReadySeconds == 0 {
		return 0, true
	}
	if c.LastTransitionTime.IsZero() {
		return time.Duration(minReadySeconds) * time.Second, true
	}
	return max(0, c.LastTransitionTime.Add(time.Duration(minReadySeconds)*time.Second).Sub(now)), true
}

// Available reports whether the pod has been ready for minReadySeconds.
func Available(p *corev1.Pod, minReadySeconds int32, now time.Time) bool {
	in, ok := AvailableIn(p, minReadySeconds, now)
	return ok && in == 0
}
