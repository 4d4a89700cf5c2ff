package deployment

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Reasons of the condition Progressing that decisions depend on.
const (
	reasonAvailable = "NewReplicaSetAvailable"
	reasonLate      = "ProgressDeadlineExceeded"
	reasonPaused    = "DeploymentPaused"
)

func condition(s *appsv1.DeploymentStatus, kind appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range s.Conditions {
		if s.Conditions[i].Type == kind {
			return &s.Conditions[i]
		}
	}
	return nil
}

func (p *plan) condition(kind appsv1.DeploymentConditionType, status corev1.ConditionStatus, reason, message string) appsv1.DeploymentCondition {
	at := metav1.NewTime(p.now)
	return appsv1.DeploymentCondition{Type: kind, Status: status, LastUpdateTime: at, LastTransitionTime: at, Reason: reason, Message: message}
}

// setCondition changes nothing if status and reason are the same already. What changed stands last.
func setCondition(s *appsv1.DeploymentStatus, c appsv1.DeploymentCondition) {
	if have := condition(s, c.Type); have != nil {
		if have.Status == c.Status && have.Reason == c.Reason {
			return
		}
		if have.Status == c.Status {
			c.LastTransitionTime = have.LastTransitionTime
		}
	}
	removeCondition(s, c.Type)
	s.Conditions = append(s.Conditions, c)
}

func removeCondition(s *appsv1.DeploymentStatus, kind appsv1.DeploymentConditionType) {
	s.Conditions = slices.DeleteFunc(slices.Clone(s.Conditions), func(c appsv1.DeploymentCondition) bool { return c.Type == kind })
}

func (p *plan) progressing(status corev1.ConditionStatus, reason, format string, args ...any) {
	setCondition(&p.d.Status, p.condition(appsv1.DeploymentProgressing, status, reason, fmt.Sprintf(format, args...)))
}

// pauseCondition says that a rollout was paused or goes on: that time does not count against the deadline.
func (p *plan) pauseCondition() {
	if !hasDeadline(p.d) {
		return
	}
	c := condition(&p.d.Status, appsv1.DeploymentProgressing)
	if c != nil && c.Reason == reasonLate {
		return // it stays known that it was late
	}
	paused := c != nil && c.Reason == reasonPaused
	switch {
	case p.d.Spec.Paused && !paused:
		p.progressing(corev1.ConditionUnknown, reasonPaused, "Deployment is paused")
	case !p.d.Spec.Paused && paused:
		p.progressing(corev1.ConditionUnknown, "DeploymentResumed", "Deployment is resumed")
	}
}
