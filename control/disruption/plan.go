package disruption

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/control/pods"
)

// deletionTimeout is how long a pod whose eviction was allowed counts as gone before its deletion is seen.
const deletionTimeout = 2 * time.Minute

// plan is what one look at a budget finds.
type plan struct {
	status     policyv1.PodDisruptionBudgetStatus
	notDeleted []*corev1.Pod // their eviction was allowed, and they are still there
	after      time.Duration
}

func makePlan(b *policyv1.PodDisruptionBudget, mine []*corev1.Pod, e expected, now time.Time) plan {
	p := plan{status: *b.Status.DeepCopy()}
	disrupted := map[string]metav1.Time{}
	var healthy int32
	for _, pod := range mine {
		if pod.DeletionTimestamp != nil {
			continue
		}
		if at, ok := b.Status.DisruptedPods[pod.Name]; ok {
			if left := at.Add(deletionTimeout).Sub(now); left > 0 {
				disrupted[pod.Name] = at
				if p.after == 0 || left < p.after {
					p.after = left
				}
				continue
			}
			p.notDeleted = append(p.notDeleted, pod)
		}
		if pods.Ready(pod) {
			healthy++
		}
	}
	s := &p.status
	s.DisruptedPods = nil
	if len(disrupted) > 0 {
		s.DisruptedPods = disrupted
	}
	s.CurrentHealthy, s.DesiredHealthy, s.ExpectedPods, s.ObservedGeneration = healthy, e.healthy, e.pods, b.Generation
	s.DisruptionsAllowed = max(0, healthy-e.healthy)
	if e.pods <= 0 {
		s.DisruptionsAllowed = 0
	}
	if s.DisruptionsAllowed > 0 {
		setCondition(b, s, metav1.ConditionTrue, policyv1.SufficientPodsReason, "", now)
	} else {
		setCondition(b, s, metav1.ConditionFalse, policyv1.InsufficientPodsReason, "", now)
	}
	return p
}

// failSafe allows nothing: what is not known might be too much.
func failSafe(b *policyv1.PodDisruptionBudget, err error, now time.Time) policyv1.PodDisruptionBudgetStatus {
	s := b.Status.DeepCopy()
	s.DisruptionsAllowed, s.ObservedGeneration = 0, b.Generation
	setCondition(b, s, metav1.ConditionFalse, policyv1.SyncFailedReason, err.Error(), now)
	return *s
}

func setCondition(b *policyv1.PodDisruptionBudget, s *policyv1.PodDisruptionBudgetStatus, status metav1.ConditionStatus, reason, message string, now time.Time) {
	next := metav1.Condition{
		Type: policyv1.DisruptionAllowedCondition, Status: status, Reason: reason, Message: message,
		ObservedGeneration: b.Generation, LastTransitionTime: metav1.NewTime(now),
	}
	for i := range s.Conditions {
		if have := &s.Conditions[i]; have.Type == next.Type {
			if have.Status == next.Status {
				next.LastTransitionTime = have.LastTransitionTime
			}
			*have = next
			return
		}
	}
	s.Conditions = append(s.Conditions, next)
}
