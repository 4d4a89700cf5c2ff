package autoscaling

import (
	"fmt"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func columns() []metav1.TableColumnDefinition {
	spec, status := autoscalingv2.HorizontalPodAutoscalerSpec{}.SwaggerDoc(), autoscalingv2.HorizontalPodAutoscalerStatus{}.SwaggerDoc()
	return kinds.Columns(
		cells.NameColumn,
		kinds.Column{Name: "Reference", Type: "string", Description: spec["scaleTargetRef"]},
		kinds.Column{Name: "Targets", Type: "string", Description: spec["metrics"]},
		kinds.Column{Name: "MinPods", Type: "string", Description: spec["minReplicas"]},
		kinds.Column{Name: "MaxPods", Type: "string", Description: spec["maxReplicas"]},
		kinds.Column{Name: "Replicas", Type: "string", Description: status["currentReplicas"]},
		cells.AgeColumn,
	)
}

func tableCells(obj kinds.Object, now time.Time) []any {
	a := obj.(*autoscalingv2.HorizontalPodAutoscaler)
	minPods := "<unset>"
	if a.Spec.MinReplicas != nil {
		minPods = fmt.Sprint(*a.Spec.MinReplicas)
	}
	return []any{
		a.Name,
		a.Spec.ScaleTargetRef.Kind + "/" + a.Spec.ScaleTargetRef.Name,
		targets(a.Spec.Metrics, a.Status.CurrentMetrics),
		minPods,
		int64(a.Spec.MaxReplicas),
		int64(a.Status.CurrentReplicas),
		cells.Age(a.CreationTimestamp, now),
	}
}

const unknown = "<unknown>"

// targets shows what is and what is aimed at, of at most two metrics. The states are matched by position.
func targets(specs []autoscalingv2.MetricSpec, statuses []autoscalingv2.MetricStatus) string {
	const most = 2
	if len(specs) == 0 {
		return "<none>"
	}
	var list []string
	for i := range specs[:min(len(specs), most)] {
		var status autoscalingv2.MetricStatus
		if i < len(statuses) {
			status = statuses[i]
		}
		list = append(list, target(&specs[i], &status))
	}
	text := strings.Join(list, ", ")
	if n := len(specs) - most; n > 0 {
		return fmt.Sprintf("%s + %d more...", text, n)
	}
	return text
}

func target(spec *autoscalingv2.MetricSpec, status *autoscalingv2.MetricStatus) string {
	var now autoscalingv2.MetricValueStatus
	switch {
	case spec.Type == autoscalingv2.ExternalMetricSourceType && spec.External != nil:
		if status.External != nil {
			now = status.External.Current
		}
		return named(&spec.External.Target, &now)
	case spec.Type == autoscalingv2.PodsMetricSourceType && spec.Pods != nil:
		if status.Pods != nil {
			now = status.Pods.Current
		}
		return quantity(now.AverageValue) + "/" + quantity(spec.Pods.Target.AverageValue)
	case spec.Type == autoscalingv2.ObjectMetricSourceType && spec.Object != nil:
		if status.Object != nil {
			now = status.Object.Current
		}
		return named(&spec.Object.Target, &now)
	case spec.Type == autoscalingv2.ResourceMetricSourceType && spec.Resource != nil:
		if status.Resource != nil {
			now = status.Resource.Current
		}
		return fmt.Sprintf("%s: %s", spec.Resource.Name, usage(&spec.Resource.Target, &now))
	case spec.Type == autoscalingv2.ContainerResourceMetricSourceType && spec.ContainerResource != nil:
		if status.ContainerResource != nil {
			now = status.ContainerResource.Current
		}
		return fmt.Sprintf("%s: %s", spec.ContainerResource.Name, usage(&spec.ContainerResource.Target, &now))
	}
	return "<unknown type>"
}

// named shows a metric that is one number, or one for each pod.
func named(t *autoscalingv2.MetricTarget, now *autoscalingv2.MetricValueStatus) string {
	if t.AverageValue != nil {
		return fmt.Sprintf("%s/%s (avg)", quantity(now.AverageValue), t.AverageValue)
	}
	return quantity(now.Value) + "/" + quantity(t.Value)
}

func usage(t *autoscalingv2.MetricTarget, now *autoscalingv2.MetricValueStatus) string {
	if t.AverageValue != nil {
		return fmt.Sprintf("%s/%s", quantity(now.AverageValue), t.AverageValue)
	}
	return percent(now.AverageUtilization, unknown) + "/" + percent(t.AverageUtilization, "<auto>")
}

func quantity(q *resource.Quantity) string {
	if q == nil {
		return unknown
	}
	return q.String()
}

func percent(n *int32, absent string) string {
	if n == nil {
		return absent
	}
	return fmt.Sprintf("%d%%", *n)
}
