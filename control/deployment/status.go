package deployment

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (p *plan) setStatus(s appsv1.DeploymentStatus) { p.d.Status = s }

// counted is the status with its numbers and whether enough pods are available.
func (p *plan) counted() appsv1.DeploymentStatus {
	all := p.rss.all()
	if p.create != nil {
		all = p.rss.old // what is only planned has no pods
	}
	s := appsv1.DeploymentStatus{
		ObservedGeneration: p.d.Generation,
		Replicas:           sum(all, actual),
		ReadyReplicas:      sum(all, func(rs *appsv1.ReplicaSet) int32 { return rs.Status.ReadyReplicas }),
		AvailableReplicas:  sum(all, available),
		CollisionCount:     p.d.Status.CollisionCount,
		Conditions:         append([]appsv1.DeploymentCondition(nil), p.d.Status.Conditions...),
	}
	s.UnavailableReplicas = max(0, sum(p.rss.all(), replicas)-s.AvailableReplicas)
	if p.rss.new != nil {
		s.UpdatedReplicas = p.rss.new.Status.Replicas
	}
	s.TerminatingReplicas = terminating(all)
	_, unavailable := bounds(p.d)
	if s.AvailableReplicas >= *p.d.Spec.Replicas-unavailable {
		setCondition(&s, p.condition(appsv1.DeploymentAvailable, corev1.ConditionTrue, "MinimumReplicasAvailable", "Deployment has minimum availability."))
	} else {
		setCondition(&s, p.condition(appsv1.DeploymentAvailable, corev1.ConditionFalse, "MinimumReplicasUnavailable", "Deployment does not have minimum availability."))
	}
	return s
}

// terminating is nil while some set has not counted its own.
func terminating(all []*appsv1.ReplicaSet) *int32 {
	var n int32
	for _, rs := range all {
		if rs.Status.TerminatingReplicas == nil {
			return nil
		}
		n += *rs.Status.TerminatingReplicas
	}
	return &n
}

// rolledOut is counted with how the rollout goes on.
func (p *plan) rolledOut() appsv1.DeploymentStatus {
	s := p.counted()
	if !hasDeadline(p.d) {
		removeCondition(&s, appsv1.DeploymentProgressing)
	}
	current := condition(&p.d.Status, appsv1.DeploymentProgressing)
	done := s.Replicas == s.UpdatedReplicas && current != nil && current.Reason == reasonAvailable
	if hasDeadline(p.d) && !done {
		p.progress(&s, current)
	}
	if failure := p.failure(); failure != nil {
		setCondition(&s, *failure)
	} else {
		removeCondition(&s, appsv1.DeploymentReplicaFailure)
	}
	p.after = p.lateIn(&s)
	return s
}

func (p *plan) progress(s *appsv1.DeploymentStatus, current *appsv1.DeploymentCondition) {
	subject := "Deployment \"" + p.d.Name + "\""
	if p.rss.new != nil {
		subject = "ReplicaSet \"" + p.rss.new.Name + "\""
	}
	switch {
	case complete(p.d, s):
		setCondition(s, p.condition(appsv1.DeploymentProgressing, corev1.ConditionTrue, reasonAvailable, subject+" has successfully progressed."))
	case progressed(&p.d.Status, s):
		c := p.condition(appsv1.DeploymentProgressing, corev1.ConditionTrue, "ReplicaSetUpdated", subject+" is progressing.")
		if current != nil {
			if current.Status == corev1.ConditionTrue {
				c.LastTransitionTime = current.LastTransitionTime
			}
			removeCondition(s, appsv1.DeploymentProgressing) // so that the time of the last update moves
		}
		setCondition(s, c)
	case p.late(s):
		setCondition(s, p.condition(appsv1.DeploymentProgressing, corev1.ConditionFalse, reasonLate, subject+" has timed out progressing."))
	}
}

// complete reports whether every pod is of the new version and available.
func complete(d *appsv1.Deployment, s *appsv1.DeploymentStatus) bool {
	n := *d.Spec.Replicas
	return s.UpdatedReplicas == n && s.Replicas == n && s.AvailableReplicas == n && s.ObservedGeneration >= d.Generation
}

// progressed reports whether anything went forward between two states.
func progressed(from, to *appsv1.DeploymentStatus) bool {
	return to.UpdatedReplicas > from.UpdatedReplicas ||
		to.Replicas-to.UpdatedReplicas < from.Replicas-from.UpdatedReplicas ||
		to.ReadyReplicas > from.ReadyReplicas || to.AvailableReplicas > from.AvailableReplicas
}

func (p *plan) late(s *appsv1.DeploymentStatus) bool {
	c := condition(s, appsv1.DeploymentProgressing)
	switch {
	case c == nil || c.Reason == reasonAvailable:
		return false
	case c.Reason == reasonLate:
		return true
	}
	return c.LastUpdateTime.Add(p.deadline()).Before(p.now)
}

func (p *plan) deadline() time.Duration {
	return time.Duration(*p.d.Spec.ProgressDeadlineSeconds) * time.Second
}

// lateIn is when to look whether the rollout is late; 0 if that is not to be asked.
func (p *plan) lateIn(s *appsv1.DeploymentStatus) time.Duration {
	c := condition(s, appsv1.DeploymentProgressing)
	if !hasDeadline(p.d) || c == nil || complete(p.d, s) || c.Reason == reasonLate || c.Reason == reasonAvailable {
		return 0
	}
	// A moment later, for the times of conditions are whole seconds.
	return max(0, c.LastUpdateTime.Add(p.deadline()).Sub(p.now)) + time.Second
}

// failure is why some replica set could not make or delete pods; the new version's comes first.
func (p *plan) failure() *appsv1.DeploymentCondition {
	all := p.rss.old
	if p.rss.new != nil {
		all = append([]*appsv1.ReplicaSet{p.rss.new}, all...)
	}
	for _, rs := range all {
		for _, c := range rs.Status.Conditions {
			if c.Type == appsv1.ReplicaSetReplicaFailure {
				return &appsv1.DeploymentCondition{
					Type: appsv1.DeploymentReplicaFailure, Status: c.Status, Reason: c.Reason, Message: c.Message,
					LastTransitionTime: c.LastTransitionTime, LastUpdateTime: metav1.NewTime(c.LastTransitionTime.Time),
				}
			}
		}
	}
	return nil
}
