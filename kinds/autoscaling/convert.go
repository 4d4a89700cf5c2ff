package autoscaling

import (
	"encoding/json"
	"maps"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds/internalname"
)

// v1 has fields for a CPU utilization only. The other metrics, their states, the conditions and the
// behavior travel in annotations, which exist in v1 alone.
const (
	metricsAnnotation        = "autoscaling.alpha.kubernetes.io/metrics"
	currentMetricsAnnotation = "autoscaling.alpha.kubernetes.io/current-metrics"
	conditionsAnnotation     = "autoscaling.alpha.kubernetes.io/conditions"
	behaviorAnnotation       = "autoscaling.alpha.kubernetes.io/behavior"
)

// withoutCarried returns the annotations without those four: the same map if it has none of them.
func withoutCarried(annotations map[string]string) map[string]string {
	out, copied := annotations, false
	for _, key := range []string{metricsAnnotation, currentMetricsAnnotation, conditionsAnnotation, behaviorAnnotation} {
		if _, ok := out[key]; !ok {
			continue
		}
		if !copied {
			out, copied = maps.Clone(out), true
		}
		delete(out, key)
	}
	if copied && len(out) == 0 {
		return nil
	}
	return out
}

// carried decodes an annotation; ok is false if there is none or it cannot be read, which is ignored.
func carried[T any](annotations map[string]string, key string) (value T, ok bool) {
	text, ok := annotations[key]
	if !ok || json.Unmarshal([]byte(text), &value) != nil {
		return value, false
	}
	return value, true
}

func carriedMetrics(annotations map[string]string) []autoscalingv1.MetricSpec {
	metrics, _ := carried[[]autoscalingv1.MetricSpec](annotations, metricsAnnotation)
	return metrics
}

func toV2(in *autoscalingv1.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	out := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: in.ObjectMeta,
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference(in.Spec.ScaleTargetRef),
			MinReplicas:    in.Spec.MinReplicas,
			MaxReplicas:    in.Spec.MaxReplicas,
		},
		Status: autoscalingv2.HorizontalPodAutoscalerStatus{
			ObservedGeneration: in.Status.ObservedGeneration,
			LastScaleTime:      in.Status.LastScaleTime,
			CurrentReplicas:    in.Status.CurrentReplicas,
			DesiredReplicas:    in.Status.DesiredReplicas,
		},
	}
	out.Annotations = withoutCarried(in.Annotations)
	if metrics, ok := carried[[]autoscalingv1.MetricSpec](in.Annotations, metricsAnnotation); ok {
		out.Spec.Metrics = make([]autoscalingv2.MetricSpec, len(metrics))
		for i := range metrics {
			out.Spec.Metrics[i] = metricToV2(&metrics[i])
		}
	}
	if percent := in.Spec.TargetCPUUtilizationPercentage; percent != nil {
		out.Spec.Metrics = append(out.Spec.Metrics, cpuMetric(*percent))
	}
	if behavior, ok := carried[autoscalingv2.HorizontalPodAutoscalerBehavior](in.Annotations, behaviorAnnotation); ok {
		out.Spec.Behavior = &behavior
	}
	if percent := in.Status.CurrentCPUUtilizationPercentage; percent != nil {
		out.Status.CurrentMetrics = []autoscalingv2.MetricStatus{cpuStatus(*percent)}
	}
	if metrics, ok := carried[[]autoscalingv1.MetricStatus](in.Annotations, currentMetricsAnnotation); ok {
		out.Status.CurrentMetrics = make([]autoscalingv2.MetricStatus, len(metrics))
		for i := range metrics {
			out.Status.CurrentMetrics[i] = metricStatusToV2(&metrics[i])
		}
	}
	if conditions, ok := carried[[]autoscalingv1.HorizontalPodAutoscalerCondition](in.Annotations, conditionsAnnotation); ok {
		out.Status.Conditions = make([]autoscalingv2.HorizontalPodAutoscalerCondition, len(conditions))
		for i, c := range conditions {
			out.Status.Conditions[i] = conditionToV2(c)
		}
	}
	return out
}

func toV1(in *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv1.HorizontalPodAutoscaler {
	out := &autoscalingv1.HorizontalPodAutoscaler{
		ObjectMeta: in.ObjectMeta,
		Spec: autoscalingv1.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv1.CrossVersionObjectReference(in.Spec.ScaleTargetRef),
			MinReplicas:    in.Spec.MinReplicas,
			MaxReplicas:    in.Spec.MaxReplicas,
		},
		Status: autoscalingv1.HorizontalPodAutoscalerStatus{
			ObservedGeneration: in.Status.ObservedGeneration,
			LastScaleTime:      in.Status.LastScaleTime,
			CurrentReplicas:    in.Status.CurrentReplicas,
			DesiredReplicas:    in.Status.DesiredReplicas,
		},
	}
	out.Annotations = maps.Clone(withoutCarried(in.Annotations))
	var metrics []autoscalingv1.MetricSpec
	foundCPU := false
	for i := range in.Spec.Metrics {
		m := &in.Spec.Metrics[i]
		if isCPU := m.Type == autoscalingv2.ResourceMetricSourceType && m.Resource != nil && m.Resource.Name == corev1.ResourceCPU; isCPU {
			if !foundCPU {
				out.Spec.TargetCPUUtilizationPercentage = m.Resource.Target.AverageUtilization
			}
			foundCPU = true
			if m.Resource.Target.AverageUtilization != nil {
				continue
			}
		}
		metrics = append(metrics, metricToV1(m))
	}
	// All states are carried, the CPU's too: only so does its raw value survive.
	var current []autoscalingv1.MetricStatus
	for i := range in.Status.CurrentMetrics {
		m := &in.Status.CurrentMetrics[i]
		if m.Type == autoscalingv2.ResourceMetricSourceType && m.Resource != nil && m.Resource.Name == corev1.ResourceCPU &&
			m.Resource.Current.AverageUtilization != nil {
			out.Status.CurrentCPUUtilizationPercentage = m.Resource.Current.AverageUtilization
		}
		current = append(current, metricStatusToV1(m))
	}
	var conditions []autoscalingv1.HorizontalPodAutoscalerCondition
	for _, c := range in.Status.Conditions {
		conditions = append(conditions, conditionToV1(c))
	}
	carry(out, metricsAnnotation, metrics, len(metrics) > 0)
	carry(out, currentMetricsAnnotation, current, len(current) > 0)
	carry(out, behaviorAnnotation, internalname.Value(in.Spec.Behavior), in.Spec.Behavior != nil)
	carry(out, conditionsAnnotation, conditions, len(conditions) > 0)
	return out
}

func carry(a *autoscalingv1.HorizontalPodAutoscaler, key string, value any, present bool) {
	if !present {
		return
	}
	text, err := json.Marshal(value)
	if err != nil {
		return // no API type fails to encode
	}
	if a.Annotations == nil {
		a.Annotations = map[string]string{}
	}
	a.Annotations[key] = string(text)
}
