package autoscaling

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
)

// defaultCPU is the utilization of the requested CPU that is aimed at when a client names no metric.
const defaultCPU = 80

func defaultAutoscaler(a *autoscalingv2.HorizontalPodAutoscaler) {
	a.Annotations = withoutCarried(a.Annotations)
	set(&a.Spec.MinReplicas, 1)
	if len(a.Spec.Metrics) == 0 {
		a.Spec.Metrics = []autoscalingv2.MetricSpec{cpuMetric(defaultCPU)}
	}
	if b := a.Spec.Behavior; b != nil {
		b.ScaleUp = defaultScaleUp(b.ScaleUp)
		b.ScaleDown = defaultScaleDown(b.ScaleDown)
	}
}

func cpuMetric(percent int32) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{
		Type: autoscalingv2.ResourceMetricSourceType,
		Resource: &autoscalingv2.ResourceMetricSource{
			Name:   corev1.ResourceCPU,
			Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &percent},
		},
	}
}

func defaultScaleUp(rules *autoscalingv2.HPAScalingRules) *autoscalingv2.HPAScalingRules {
	if rules == nil {
		rules = &autoscalingv2.HPAScalingRules{}
	}
	set(&rules.StabilizationWindowSeconds, 0)
	set(&rules.SelectPolicy, autoscalingv2.MaxChangePolicySelect)
	if rules.Policies == nil {
		rules.Policies = []autoscalingv2.HPAScalingPolicy{
			{Type: autoscalingv2.PodsScalingPolicy, Value: 4, PeriodSeconds: 15},
			{Type: autoscalingv2.PercentScalingPolicy, Value: 100, PeriodSeconds: 15},
		}
	}
	return rules
}

// defaultScaleDown leaves the window open: the controller has a default of its own for it.
func defaultScaleDown(rules *autoscalingv2.HPAScalingRules) *autoscalingv2.HPAScalingRules {
	if rules == nil {
		rules = &autoscalingv2.HPAScalingRules{}
	}
	set(&rules.SelectPolicy, autoscalingv2.MaxChangePolicySelect)
	if rules.Policies == nil {
		rules.Policies = []autoscalingv2.HPAScalingPolicy{{Type: autoscalingv2.PercentScalingPolicy, Value: 100, PeriodSeconds: 15}}
	}
	return rules
}

func defaultAutoscalerV1(a *autoscalingv1.HorizontalPodAutoscaler) {
	set(&a.Spec.MinReplicas, 1)
	if a.Spec.TargetCPUUtilizationPercentage == nil && len(carriedMetrics(a.Annotations)) == 0 {
		set(&a.Spec.TargetCPUUtilizationPercentage, defaultCPU)
	}
}
