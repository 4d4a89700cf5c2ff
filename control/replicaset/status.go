package replicaset

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// report writes the status if it differs.
func (c *controller) report(ctx context.Context, s *set, p plan, failed error) error {
	next := makeStatus(s, p, failed, c.now())
	if equality.Semantic.DeepEqual(next, s.Status) {
		return nil
	}
	return c.sets.updateStatus(ctx, s, next)
}

// makeStatus is the set's status after a look; failed is why pods could not be made or deleted.
func makeStatus(s *set, p plan, failed error, now time.Time) appsv1.ReplicaSetStatus {
	status := *s.Status.DeepCopy()
	status.Replicas, status.FullyLabeledReplicas = p.status.active, p.status.labeled
	status.ReadyReplicas, status.AvailableReplicas = p.status.ready, p.status.available
	status.TerminatingReplicas = nil
	if s.countsTerminating {
		status.TerminatingReplicas = &p.status.terminating
	}
	status.ObservedGeneration = s.Generation
	at := failureAt(status.Conditions)
	switch {
	case failed == nil && at >= 0:
		status.Conditions = append(status.Conditions[:at], status.Conditions[at+1:]...)
	case failed != nil && at < 0:
		reason := "FailedCreate"
		if p.diff > 0 {
			reason = "FailedDelete"
		}
		status.Conditions = append(status.Conditions, appsv1.ReplicaSetCondition{
			Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue,
			LastTransitionTime: metav1.NewTime(now), Reason: reason, Message: failed.Error(),
		})
	}
	if len(status.Conditions) == 0 {
		status.Conditions = nil
	}
	return status
}

func failureAt(conditions []appsv1.ReplicaSetCondition) int {
	for i, c := range conditions {
		if c.Type == appsv1.ReplicaSetReplicaFailure {
			return i
		}
	}
	return -1
}
