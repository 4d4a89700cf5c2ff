package subresource

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// maxDisruptedPods bounds the evictions that the disruption controller has not seen yet.
const maxDisruptedPods = 2000

// askBudget asks the pod's disruption budget, if it has one, and takes one disruption from it. spent is
// false where the pod may go without one, because it is not ready anyway.
func (e eviction) askBudget(ctx context.Context, pod *corev1.Pod, dry bool) (name string, spent bool, err error) {
	budgets, err := e.budgets(ctx, pod)
	if err != nil || len(budgets) == 0 {
		return "", false, err
	}
	if len(budgets) > 1 {
		return "", false, &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: 500,
			Message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
		}}
	}
	b := budgets[0]
	if !ready(pod) {
		if p := b.Spec.UnhealthyPodEvictionPolicy; p != nil && *p == policyv1.AlwaysAllow {
			return b.Name, false, nil
		}
		if s := b.Status; s.CurrentHealthy >= s.DesiredHealthy && s.DesiredHealthy > 0 {
			return b.Name, false, nil
		}
	}
	if dry {
		return b.Name, true, e.spend(b, pod.Name)
	}
	return b.Name, true, e.writer.Update(ctx, "policy", "poddisruptionbudgets", "status", b.Namespace, b.Name, func(obj kinds.Object) error {
		return e.spend(obj.(*policyv1.PodDisruptionBudget), pod.Name)
	})
}

// budgets returns the budgets whose selector the pod matches: an empty selector is every pod of the
// namespace, a missing one none.
func (e eviction) budgets(ctx context.Context, pod *corev1.Pod) ([]*policyv1.PodDisruptionBudget, error) {
	all, err := e.reader.List(ctx, "policy", "poddisruptionbudgets", pod.Namespace)
	if err != nil {
		return nil, err
	}
	var out []*policyv1.PodDisruptionBudget
	for _, obj := range all {
		b := obj.(*policyv1.PodDisruptionBudget)
		selector, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
		if err != nil || !selector.Matches(labels.Set(pod.Labels)) {
			continue
		}
		out = append(out, b)
	}
	return out, nil
}

// spend takes one disruption from the budget, or says why there is none.
func (e eviction) spend(b *policyv1.PodDisruptionBudget, pod string) error {
	forbidden := schema.GroupResource{Group: "policy", Resource: "poddisruptionbudget"}
	s := &b.Status
	switch {
	case s.ObservedGeneration < b.Generation:
		return budgetBusy(b.Name)
	case s.DisruptionsAllowed < 0:
		return apierrors.NewForbidden(forbidden, b.Name, errors.New("pdb disruptions allowed is negative"))
	case len(s.DisruptedPods) > maxDisruptedPods:
		return apierrors.NewForbidden(forbidden, b.Name, errors.New("DisruptedPods map too big - too many evictions not confirmed by PDB controller"))
	case s.DisruptionsAllowed == 0:
		return budgetRefuses(0, denial(b))
	}
	s.DisruptionsAllowed--
	if s.DisruptionsAllowed == 0 {
		meta.SetStatusCondition(&s.Conditions, metav1.Condition{
			Type: policyv1.DisruptionAllowedCondition, Status: metav1.ConditionFalse,
			Reason: policyv1.InsufficientPodsReason, ObservedGeneration: s.ObservedGeneration,
			LastTransitionTime: metav1.NewTime(e.now()),
		})
	}
	if s.DisruptedPods == nil {
		s.DisruptedPods = map[string]metav1.Time{}
	}
	// Until the controller sees the pod go, it must not count it as available.
	s.DisruptedPods[pod] = metav1.NewTime(e.now())
	return nil
}

// denial says why a budget has nothing to give; when the controller failed, its counts mean nothing.
func denial(b *policyv1.PodDisruptionBudget) string {
	c := meta.FindStatusCondition(b.Status.Conditions, policyv1.DisruptionAllowedCondition)
	told := c != nil && c.Status == metav1.ConditionFalse && c.Message != ""
	const denied = "The disruption budget %s does not allow evicting pods currently"
	switch {
	case told && c.Reason == policyv1.SyncFailedReason:
		return fmt.Sprintf(denied+" because it failed sync: %s", b.Name, c.Message)
	case b.Status.CurrentHealthy <= b.Status.DesiredHealthy:
		return fmt.Sprintf("The disruption budget %s needs %d healthy pods and has %d currently", b.Name, b.Status.DesiredHealthy, b.Status.CurrentHealthy)
	case told:
		return fmt.Sprintf(denied+" (%s): %s", b.Name, c.Reason, c.Message)
	}
	return fmt.Sprintf(denied, b.Name)
}

func budgetBusy(name string) error {
	return budgetRefuses(10, fmt.Sprintf("The disruption budget %s is still being processed by the server.", name))
}

func budgetRefuses(retryAfter int, cause string) error {
	err := apierrors.NewTooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfter)
	err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes, metav1.StatusCause{Type: policyv1.DisruptionBudgetCause, Message: cause})
	return err
}

func ready(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}
