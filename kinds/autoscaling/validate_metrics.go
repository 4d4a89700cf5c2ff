package autoscaling

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var metricTypes = []autoscalingv2.MetricSourceType{
	autoscalingv2.ContainerResourceMetricSourceType, autoscalingv2.ExternalMetricSourceType, autoscalingv2.ObjectMetricSourceType,
	autoscalingv2.PodsMetricSourceType, autoscalingv2.ResourceMetricSourceType,
}

func validateMetrics(spec *autoscalingv2.HorizontalPodAutoscalerSpec, object refOptions, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	wakes := false // a metric that exists while no pod runs
	for i := range spec.Metrics {
		m := &spec.Metrics[i]
		errs = append(errs, validateMetric(m, object, at.Index(i))...)
		wakes = wakes || m.Type == autoscalingv2.ObjectMetricSourceType || m.Type == autoscalingv2.ExternalMetricSourceType
	}
	if n := spec.MinReplicas; n != nil && *n == 0 && !wakes {
		errs = append(errs, field.Forbidden(at, "must specify at least one Object or External metric to support scaling to zero replicas"))
	}
	return errs
}

// A source is one of the fields of a metric.
type source struct {
	name     string
	of       autoscalingv2.MetricSourceType
	present  bool
	validate func(at *field.Path) field.ErrorList
}

func validateMetric(m *autoscalingv2.MetricSpec, object refOptions, at *field.Path) field.ErrorList {
	sources := []source{
		{"object", autoscalingv2.ObjectMetricSourceType, m.Object != nil, func(at *field.Path) field.ErrorList { return validateObject(m.Object, object, at) }},
		{"external", autoscalingv2.ExternalMetricSourceType, m.External != nil, func(at *field.Path) field.ErrorList { return validateExternal(m.External, at) }},
		{"pods", autoscalingv2.PodsMetricSourceType, m.Pods != nil, func(at *field.Path) field.ErrorList { return validatePods(m.Pods, at) }},
		{"resource", autoscalingv2.ResourceMetricSourceType, m.Resource != nil, func(at *field.Path) field.ErrorList { return validateResource(m.Resource, at) }},
		{"containerResource", autoscalingv2.ContainerResourceMetricSourceType, m.ContainerResource != nil, func(at *field.Path) field.ErrorList { return validateContainerResource(m.ContainerResource, at) }},
	}
	var errs field.ErrorList
	known, present := false, 0
	for _, s := range sources {
		known = known || s.of == m.Type
	}
	if m.Type == "" {
		errs = append(errs, field.Required(at.Child("type"), "must specify a metric source type"))
	}
	if !known {
		errs = append(errs, field.NotSupported(at.Child("type"), m.Type, metricTypes))
	}
	for _, s := range sources {
		if !s.present {
			continue
		}
		if present++; present == 1 {
			errs = append(errs, s.validate(at.Child(s.name))...)
		}
	}
	for _, s := range sources {
		if s.of == m.Type && !s.present {
			errs = append(errs, field.Required(at.Child(s.name), "must populate information for the given metric source"))
		}
	}
	if present != 1 {
		for _, s := range sources {
			if s.of != m.Type && s.present {
				errs = append(errs, field.Forbidden(at.Child(s.name), "must populate the given metric source only"))
			}
		}
	}
	return errs
}

func validateObject(m *autoscalingv2.ObjectMetricSource, object refOptions, at *field.Path) field.ErrorList {
	errs := validateRef(&m.DescribedObject, object, at.Child("describedObject"))
	errs = append(errs, validateIdentifier(&m.Metric, &m.Target, at)...)
	if m.Target.Value == nil && m.Target.AverageValue == nil {
		errs = append(errs, field.Required(at.Child("target", "averageValue"), "must set either a target value or averageValue"))
	}
	return errs
}

func validateExternal(m *autoscalingv2.ExternalMetricSource, at *field.Path) field.ErrorList {
	errs := validateIdentifier(&m.Metric, &m.Target, at)
	if m.Target.Value == nil && m.Target.AverageValue == nil {
		errs = append(errs, field.Required(at.Child("target", "averageValue"), "must set either a target value for metric or a per-pod target"))
	}
	if m.Target.Value != nil && m.Target.AverageValue != nil {
		errs = append(errs, field.Forbidden(at.Child("target", "value"), "may not set both a target value for metric and a per-pod target"))
	}
	return errs
}

func validatePods(m *autoscalingv2.PodsMetricSource, at *field.Path) field.ErrorList {
	errs := validateIdentifier(&m.Metric, &m.Target, at)
	if m.Target.AverageValue == nil || m.Target.AverageValue.Sign() != 1 {
		errs = append(errs, field.Required(at.Child("target", "averageValue"), "must specify a positive target averageValue"))
	}
	return errs
}

func validateResource(m *autoscalingv2.ResourceMetricSource, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	if m.Name == "" {
		errs = append(errs, field.Required(at.Child("name"), "must specify a resource name"))
	}
	return append(errs, validateResourceTarget(&m.Target, at.Child("target"))...)
}

func validateContainerResource(m *autoscalingv2.ContainerResourceMetricSource, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	if m.Name == "" {
		errs = append(errs, field.Required(at.Child("name"), "must specify a resource name"))
	}
	if m.Container == "" {
		errs = append(errs, field.Required(at.Child("container"), "must specify a container"))
	}
	return append(errs, validateResourceTarget(&m.Target, at.Child("target"))...)
}

func validateResourceTarget(t *autoscalingv2.MetricTarget, at *field.Path) field.ErrorList {
	errs := validateTarget(t, at)
	if t.AverageUtilization == nil && t.AverageValue == nil {
		errs = append(errs, field.Required(at.Child("averageUtilization"), "must set either a target raw value or a target utilization"))
	}
	if t.AverageUtilization != nil && t.AverageValue != nil {
		errs = append(errs, field.Forbidden(at.Child("averageValue"), "may not set both a target raw value and a target utilization"))
	}
	return errs
}

// validateIdentifier checks the metric and the target of a metric that has a name.
func validateIdentifier(id *autoscalingv2.MetricIdentifier, t *autoscalingv2.MetricTarget, at *field.Path) field.ErrorList {
	errs := validateSegment(id.Name, "must specify a metric name", at.Child("metric", "name"))
	return append(errs, validateTarget(t, at.Child("target"))...)
}

func validateTarget(t *autoscalingv2.MetricTarget, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	if t.Type == "" {
		errs = append(errs, field.Required(at.Child("type"), "must specify a metric target type"))
	}
	switch t.Type {
	case autoscalingv2.UtilizationMetricType, autoscalingv2.ValueMetricType, autoscalingv2.AverageValueMetricType:
	default:
		errs = append(errs, field.Invalid(at.Child("type"), t.Type, "must be either Utilization, Value, or AverageValue"))
	}
	if t.Value != nil && t.Value.Sign() != 1 {
		errs = append(errs, field.Invalid(at.Child("value"), t.Value, "must be positive"))
	}
	if t.AverageValue != nil && t.AverageValue.Sign() != 1 {
		errs = append(errs, field.Invalid(at.Child("averageValue"), t.AverageValue, "must be positive"))
	}
	if t.AverageUtilization != nil && *t.AverageUtilization < 1 {
		errs = append(errs, field.Invalid(at.Child("averageUtilization"), *t.AverageUtilization, "must be greater than 0"))
	}
	return errs
}
