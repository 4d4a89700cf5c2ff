package autoscaler

import (
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

func TestLimit(t *testing.T) {
	hpa := &autoscalingv2.HorizontalPodAutoscaler{Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MaxReplicas: 50}}
	m := &memory{}
	at := now
	step := func(what string, current, want, n int32, reason string) {
		t.Helper()
		got := m.limit(hpa, current, want, 1, at)
		if got.n != n || got.limit != reason && got.stabilized != reason {
			t.Errorf("%s: %+v, want %d %s", what, got, n, reason)
		}
		if got.n != current {
			m.scaled(current, got.n, at)
		}
	}
	step("up by four at least", 1, 40, 5, "ScaleUpLimit")
	at = at.Add(5 * time.Second)
	step("no more within the period", 5, 40, 5, "ScaleUpLimit")
	at = at.Add(15 * time.Second)
	step("to the double", 5, 40, 10, "ScaleUpLimit")
	at = at.Add(time.Minute)
	step("not beyond the maximum", 40, 60, 50, "TooManyReplicas")
	at = at.Add(time.Minute)
	step("down only when nothing higher was asked for lately", 50, 2, 50, "ScaleDownStabilized")
	at = at.Add(5*time.Minute + time.Second)
	step("then down at once", 50, 2, 2, "")
	disabled := autoscalingv2.DisabledPolicySelect
	hpa.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: &autoscalingv2.HPAScalingRules{SelectPolicy: &disabled}}
	step("up is disabled", 2, 9, 2, "ScaleUpLimit")
}
