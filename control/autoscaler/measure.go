package autoscaler

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// measuring is one look at all metrics of an autoscaler.
type measuring struct {
	source    source
	mapper    meta.RESTMapper
	hpa       *autoscalingv2.HorizontalPodAutoscaler
	selector  string
	pods      []*corev1.Pod
	spec, now int32 // replicas that the target declares, and has
	tol       tolerance
	at        time.Time
}

// measured is what one metric asks for.
type measured struct {
	n      int32
	name   string
	status autoscalingv2.MetricStatus
	reason string // of its error
	err    error
}

func (m *measuring) measure(ctx context.Context, spec autoscalingv2.MetricSpec) measured {
	var out measured
	switch spec.Type {
	case autoscalingv2.ResourceMetricSourceType:
		s := spec.Resource
		out = m.resource(ctx, s.Name, "", s.Target)
		out.name, out.reason = fmt.Sprintf("%s resource", s.Name)+percentOf(s.Target), "FailedGetResourceMetric"
		out.status.Resource = &autoscalingv2.ResourceMetricStatus{Name: s.Name, Current: *out.current()}
	case autoscalingv2.ContainerResourceMetricSourceType:
		s := spec.ContainerResource
		out = m.resource(ctx, s.Name, s.Container, s.Target)
		out.name, out.reason = fmt.Sprintf("%s container resource", s.Name)+percentOf(s.Target), "FailedGetContainerResourceMetric"
		out.status.ContainerResource = &autoscalingv2.ContainerResourceMetricStatus{Name: s.Name, Container: s.Container, Current: *out.current()}
		out.status.Resource = nil
	case autoscalingv2.PodsMetricSourceType:
		out = m.ofPods(ctx, spec.Pods)
		out.name, out.reason = "pods metric "+spec.Pods.Metric.Name, "FailedGetPodsMetric"
	case autoscalingv2.ObjectMetricSourceType:
		out = m.ofObject(ctx, spec.Object)
		out.name, out.reason = fmt.Sprintf("%s metric %s", spec.Object.DescribedObject.Kind, spec.Object.Metric.Name), "FailedGetObjectMetric"
	case autoscalingv2.ExternalMetricSourceType:
		out = m.ofExternal(ctx, spec.External)
		out.name, out.reason = "external metric "+spec.External.Metric.Name, "FailedGetExternalMetric"
	default:
		return measured{reason: "InvalidMetricSourceType", err: fmt.Errorf("unknown metric source type %q", spec.Type)}
	}
	out.status.Type = spec.Type
	return out
}

func percentOf(t autoscalingv2.MetricTarget) string {
	if t.AverageValue == nil && t.AverageUtilization != nil {
		return " utilization (percentage of request)"
	}
	return ""
}

// current is the value of a resource's status, while it is put together.
func (m *measured) current() *autoscalingv2.MetricValueStatus {
	if m.status.Resource == nil {
		m.status.Resource = &autoscalingv2.ResourceMetricStatus{}
	}
	return &m.status.Resource.Current
}

func milli(v int64) *resource.Quantity { return resource.NewMilliQuantity(v, resource.DecimalSI) }

func (m *measuring) resource(ctx context.Context, name corev1.ResourceName, container string, target autoscalingv2.MetricTarget) (out measured) {
	have, err := m.source.resource(ctx, m.hpa.Namespace, m.selector, name, container)
	if err != nil {
		out.err = fmt.Errorf("failed to get %s utilization: unable to get metrics for resource %s: %w", name, name, err)
		return out
	}
	if len(m.pods) == 0 {
		out.err = errors.New("no pods returned by selector while calculating replica count")
		return out
	}
	d := demand{current: m.spec, tol: m.tol}
	switch {
	case target.AverageValue != nil:
		d.want = target.AverageValue.MilliValue()
	case target.AverageUtilization != nil:
		d.want = int64(*target.AverageUtilization)
		if d.requests, err = requestsOf(m.pods, name, container); err != nil {
			out.err = fmt.Errorf("failed to get %s utilization: %w", name, err)
			return out
		}
	default:
		out.err = errors.New("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set")
		return out
	}
	n, average, percent, err := d.replicas(sortPods(m.pods, have, name, m.at), have)
	if err != nil {
		out.err = fmt.Errorf("failed to get %s utilization: %w", name, err)
		return out
	}
	out.n = n
	out.current().AverageValue = milli(average)
	if d.requests != nil {
		out.current().AverageUtilization = &percent
	}
	return out
}

func (m *measuring) ofPods(ctx context.Context, s *autoscalingv2.PodsMetricSource) (out measured) {
	have, err := m.source.pods(ctx, m.hpa.Namespace, m.selector, s.Metric.Name, text(s.Metric.Selector))
	if err != nil {
		out.err = fmt.Errorf("failed to get pods metric value: unable to get metric %s: %w", s.Metric.Name, err)
		return out
	}
	if s.Target.AverageValue == nil {
		out.err = errors.New("invalid pods metric source: no average value target was set")
		return out
	}
	d := demand{current: m.spec, want: s.Target.AverageValue.MilliValue(), tol: m.tol}
	n, average, _, err := d.replicas(sortPods(m.pods, have, "", m.at), have)
	out.n, out.err = n, err
	out.status.Pods = &autoscalingv2.PodsMetricStatus{Metric: s.Metric, Current: autoscalingv2.MetricValueStatus{AverageValue: milli(average)}}
	return out
}

func (m *measuring) ofObject(ctx context.Context, s *autoscalingv2.ObjectMetricSource) (out measured) {
	gvk := schema.FromAPIVersionAndKind(s.DescribedObject.APIVersion, s.DescribedObject.Kind)
	mapping, err := m.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		out.err = fmt.Errorf("failed to get object metric value: %w", err)
		return out
	}
	value, err := m.source.object(ctx, m.hpa.Namespace, mapping.Resource.GroupResource(), s.DescribedObject.Name, s.Metric.Name, text(s.Metric.Selector))
	if err != nil {
		out.err = fmt.Errorf("failed to get object metric value: %w", err)
		return out
	}
	current := autoscalingv2.MetricValueStatus{}
	out.n, current, out.err = m.whole(value, s.Target)
	out.status.Object = &autoscalingv2.ObjectMetricStatus{Metric: s.Metric, DescribedObject: s.DescribedObject, Current: current}
	return out
}

func (m *measuring) ofExternal(ctx context.Context, s *autoscalingv2.ExternalMetricSource) (out measured) {
	values, err := m.source.external(ctx, m.hpa.Namespace, s.Metric.Name, text(s.Metric.Selector))
	if err != nil {
		out.err = fmt.Errorf("failed to get %s external metric value: unable to get external metric %s/%s/%s: %w", s.Metric.Name, m.hpa.Namespace, s.Metric.Name, metav1.FormatLabelSelector(s.Metric.Selector), err)
		return out
	}
	var total int64
	for _, v := range values {
		total += v
	}
	current := autoscalingv2.MetricValueStatus{}
	out.n, current, out.err = m.whole(total, s.Target)
	out.status.External = &autoscalingv2.ExternalMetricStatus{Metric: s.Metric, Current: current}
	return out
}

// whole is for a value of the whole, not of pods: either it, or its part for each pod, is to be as wanted.
func (m *measuring) whole(value int64, target autoscalingv2.MetricTarget) (int32, autoscalingv2.MetricValueStatus, error) {
	switch {
	case target.Value != nil:
		ratio := float64(value) / float64(target.Value.MilliValue())
		n := m.spec
		switch {
		case m.spec == 0:
			n = int32(math.Ceil(ratio))
		case !m.tol.holds(ratio):
			ready := 0
			for _, p := range m.pods {
				if p.Status.Phase == corev1.PodRunning && readyPod(p) {
					ready++
				}
			}
			n = int32(math.Ceil(ratio * float64(ready)))
		}
		return n, autoscalingv2.MetricValueStatus{Value: milli(value)}, nil
	case target.AverageValue != nil:
		want := target.AverageValue.MilliValue()
		n, average := m.now, value
		if m.now == 0 || !m.tol.holds(float64(value)/(float64(want)*float64(m.now))) {
			n = int32(math.Ceil(float64(value) / float64(want)))
		}
		if m.now > 0 {
			average = int64(math.Ceil(float64(value) / float64(m.now)))
		}
		return n, autoscalingv2.MetricValueStatus{AverageValue: milli(average)}, nil
	}
	return 0, autoscalingv2.MetricValueStatus{}, errors.New("invalid metric source: neither a value target nor an average value target was set")
}

func text(s *metav1.LabelSelector) string {
	if s == nil {
		return ""
	}
	sel, err := metav1.LabelSelectorAsSelector(s)
	if err != nil {
		return ""
	}
	return sel.String()
}
