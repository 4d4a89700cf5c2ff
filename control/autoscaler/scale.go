package autoscaler

import (
	"context"
	"errors"
	"fmt"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/control/loop"
)

// scale brings the target to the size that metrics ask for, and the status of hpa up to date.
func (c *controller) scale(ctx context.Context, key loop.Key, hpa *autoscalingv2.HorizontalPodAutoscaler) {
	s := &hpa.Status
	ref := hpa.Spec.ScaleTargetRef
	target, gr, err := c.scaler.Get(ctx, hpa.Namespace, schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind), ref.Name)
	if err != nil {
		c.events.Event(hpa, corev1.EventTypeWarning, "FailedGetScale", err.Error())
		c.condition(s, autoscalingv2.AbleToScale, corev1.ConditionFalse, "FailedGetScale", "the HPA controller was unable to get the target's current scale: %v", err)
		return
	}
	c.condition(s, autoscalingv2.AbleToScale, corev1.ConditionTrue, "SucceededGetScale", "the HPA controller was able to get the target's current scale")
	current, least := target.Spec.Replicas, int32(1)
	if hpa.Spec.MinReplicas != nil {
		least = *hpa.Spec.MinReplicas
	}
	s.CurrentReplicas = current
	m := c.memory(key)
	if len(m.wanted) == 0 {
		m.wanted = append(m.wanted, change{current, c.now()})
	}
	want, why := current, ""
	switch {
	case current == 0 && least != 0:
		s.DesiredReplicas = 0
		c.condition(s, autoscalingv2.ScalingActive, corev1.ConditionFalse, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero")
		return
	case current > hpa.Spec.MaxReplicas:
		want, why = hpa.Spec.MaxReplicas, "Current number of replicas above Spec.MaxReplicas"
	case current < least:
		want, why = least, "Current number of replicas below Spec.MinReplicas"
	default:
		n, name, err := c.measure(ctx, hpa, target)
		if err != nil {
			s.DesiredReplicas = current
			c.events.Event(hpa, corev1.EventTypeWarning, "FailedComputeMetricsReplicas", err.Error())
			return
		}
		if n > current {
			why = name + " above target"
		} else if n < current {
			why = "All metrics below target"
		}
		l := m.limit(hpa, current, n, least, c.now())
		want = l.n
		if l.stabilized != "" {
			c.condition(s, autoscalingv2.AbleToScale, corev1.ConditionTrue, l.stabilized, "%s", l.stabilizedWhy)
		} else {
			c.condition(s, autoscalingv2.AbleToScale, corev1.ConditionTrue, "ReadyForNewScale", "recommended size matches current size")
		}
		if l.limit != "" {
			c.condition(s, autoscalingv2.ScalingLimited, corev1.ConditionTrue, l.limit, "%s", l.limitMessage)
		} else {
			c.condition(s, autoscalingv2.ScalingLimited, corev1.ConditionFalse, "DesiredWithinRange", "the desired count is within the acceptable range")
		}
	}
	s.DesiredReplicas = want
	if want == current {
		return
	}
	target.Spec.Replicas = want
	if err := c.scaler.Update(ctx, gr, target); err != nil {
		s.DesiredReplicas = current
		c.events.Eventf(hpa, corev1.EventTypeWarning, "FailedRescale", "New size: %d; reason: %s; error: %v", want, why, err)
		c.condition(s, autoscalingv2.AbleToScale, corev1.ConditionFalse, "FailedUpdateScale", "the HPA controller was unable to update the target scale: %v", err)
		return
	}
	c.condition(s, autoscalingv2.AbleToScale, corev1.ConditionTrue, "SucceededRescale", "the HPA controller was able to update the target scale to %d", want)
	c.events.Eventf(hpa, corev1.EventTypeNormal, "SuccessfulRescale", "New size: %d; reason: %s", want, why)
	now := c.now()
	m.scaled(current, want, now)
	s.LastScaleTime = &metav1.Time{Time: now}
}

// measure asks all metrics and returns the largest answer. A metric that gives none never makes it smaller.
func (c *controller) measure(ctx context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, target *autoscalingv1.Scale) (int32, string, error) {
	s := &hpa.Status
	if target.Status.Selector == "" {
		err := errors.New("selector is required")
		c.events.Event(hpa, corev1.EventTypeWarning, "SelectorRequired", err.Error())
		c.condition(s, autoscalingv2.ScalingActive, corev1.ConditionFalse, "InvalidSelector", "the HPA target's scale is missing a selector")
		return 0, "", err
	}
	mine, err := c.podsOf(hpa.Namespace, target.Status.Selector)
	if err != nil {
		c.condition(s, autoscalingv2.ScalingActive, corev1.ConditionFalse, "InvalidSelector", "couldn't convert selector into a corresponding internal selector object: %v", err)
		return 0, "", err
	}
	m := &measuring{
		source: c.source, mapper: c.scaler.Mapper(), hpa: hpa, selector: target.Status.Selector, pods: mine,
		spec: target.Spec.Replicas, now: target.Status.Replicas, tol: tolerances(hpa.Spec.Behavior), at: c.now(),
	}
	s.CurrentMetrics = nil
	var best measured
	var failed *measured
	found := false
	for _, spec := range hpa.Spec.Metrics {
		got := m.measure(ctx, spec)
		if got.err != nil {
			c.events.Event(hpa, corev1.EventTypeWarning, got.reason, got.err.Error())
			if failed == nil {
				failed = &got
			}
			continue
		}
		s.CurrentMetrics = append(s.CurrentMetrics, got.status)
		if !found || got.n > best.n {
			best, found = got, true
		}
	}
	if failed != nil && (!found || best.n < m.spec) {
		c.condition(s, autoscalingv2.ScalingActive, corev1.ConditionFalse, failed.reason, "the HPA was unable to compute the replica count: %v", failed.err)
		return 0, "", fmt.Errorf("invalid metrics (%d invalid out of %d), first error is: %w", len(hpa.Spec.Metrics)-len(s.CurrentMetrics), len(hpa.Spec.Metrics), failed.err)
	}
	c.condition(s, autoscalingv2.ScalingActive, corev1.ConditionTrue, "ValidMetricFound", "the HPA was able to successfully calculate a replica count from %s", best.name)
	return best.n, best.name, nil
}

func (c *controller) condition(s *autoscalingv2.HorizontalPodAutoscalerStatus, kind autoscalingv2.HorizontalPodAutoscalerConditionType, status corev1.ConditionStatus, reason, format string, args ...any) {
	next := autoscalingv2.HorizontalPodAutoscalerCondition{
		Type: kind, Status: status, Reason: reason, Message: fmt.Sprintf(format, args...), LastTransitionTime: metav1.NewTime(c.now()),
	}
	for i := range s.Conditions {
		if have := &s.Conditions[i]; have.Type == kind {
			if have.Status == status {
				next.LastTransitionTime = have.LastTransitionTime
			}
			*have = next
			return
		}
	}
	s.Conditions = append(s.Conditions, next)
}
