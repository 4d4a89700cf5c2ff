package autoscaler

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	custom "k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
	external "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
	metrics "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// sample is a pod's value of a metric, in thousandths.
type sample struct {
	value  int64
	at     time.Time
	window time.Duration
}

// samples are by pod.
type samples map[string]sample

// source is where metrics come from.
type source interface {
	// resource is what pods use of a resource, all of a pod's containers or one.
	resource(ctx context.Context, namespace, selector string, name corev1.ResourceName, container string) (samples, error)
	pods(ctx context.Context, namespace, selector, metric, metricSelector string) (samples, error)
	object(ctx context.Context, namespace string, gr schema.GroupResource, name, metric, metricSelector string) (int64, error)
	external(ctx context.Context, namespace, metric, selector string) ([]int64, error)
}

// api reads metrics from the aggregated APIs metrics.k8s.io, custom.metrics.k8s.io and
// external.metrics.k8s.io.
type api struct{ client rest.Interface }

func (a api) get(ctx context.Context, into any, query map[string]string, elements ...string) error {
	r := a.client.Get().AbsPath(path.Join(elements...)).SetHeader("Accept", "application/json")
	for k, v := range query {
		if v != "" {
			r = r.Param(k, v)
		}
	}
	body, err := r.DoRaw(ctx)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

func (a api) resource(ctx context.Context, namespace, selector string, name corev1.ResourceName, container string) (samples, error) {
	var list metrics.PodMetricsList
	if err := a.get(ctx, &list, map[string]string{"labelSelector": selector}, "/apis/metrics.k8s.io/v1beta1/namespaces", namespace, "pods"); err != nil {
		return nil, fmt.Errorf("unable to fetch metrics from resource metrics API: %w", err)
	}
	if len(list.Items) == 0 {
		return nil, fmt.Errorf("no metrics returned from resource metrics API")
	}
	out := samples{}
	for _, p := range list.Items {
		s, complete := sample{at: p.Timestamp.Time, window: p.Window.Duration}, len(p.Containers) > 0
		found := container == ""
		for _, c := range p.Containers {
			if container != "" && c.Name != container {
				continue
			}
			found = true
			q, ok := c.Usage[name]
			if !ok {
				complete = false
				break
			}
			s.value += q.MilliValue()
		}
		if complete && found {
			out[p.Name] = s
		}
	}
	return out, nil
}

func (a api) pods(ctx context.Context, namespace, selector, metric, metricSelector string) (samples, error) {
	var list custom.MetricValueList
	query := map[string]string{"labelSelector": selector, "metricLabelSelector": metricSelector}
	if err := a.get(ctx, &list, query, "/apis/custom.metrics.k8s.io/v1beta2/namespaces", namespace, "pods/*", metric); err != nil {
		return nil, fmt.Errorf("unable to fetch metrics from custom metrics API: %w", err)
	}
	if len(list.Items) == 0 {
		return nil, fmt.Errorf("no metrics returned from custom metrics API")
	}
	out := samples{}
	for _, m := range list.Items {
		window := time.Minute
		if m.WindowSeconds != nil {
			window = time.Duration(*m.WindowSeconds) * time.Second
		}
		out[m.DescribedObject.Name] = sample{m.Value.MilliValue(), m.Timestamp.Time, window}
	}
	return out, nil
}

func (a api) object(ctx context.Context, namespace string, gr schema.GroupResource, name, metric, metricSelector string) (int64, error) {
	var list custom.MetricValueList
	elements := []string{"/apis/custom.metrics.k8s.io/v1beta2/namespaces", namespace, gr.String(), name, metric}
	if gr == (schema.GroupResource{Resource: "namespaces"}) {
		elements = []string{"/apis/custom.metrics.k8s.io/v1beta2/namespaces", name, "metrics", metric}
	}
	if err := a.get(ctx, &list, map[string]string{"metricLabelSelector": metricSelector}, elements...); err != nil {
		return 0, fmt.Errorf("unable to fetch metrics from custom metrics API: %w", err)
	}
	if len(list.Items) == 0 {
		return 0, fmt.Errorf("no metrics returned from custom metrics API")
	}
	return list.Items[0].Value.MilliValue(), nil
}

func (a api) external(ctx context.Context, namespace, metric, selector string) ([]int64, error) {
	var list external.ExternalMetricValueList
	if err := a.get(ctx, &list, map[string]string{"labelSelector": selector}, "/apis/external.metrics.k8s.io/v1beta1/namespaces", namespace, metric); err != nil {
		return nil, fmt.Errorf("unable to fetch metrics from external metrics API: %w", err)
	}
	if len(list.Items) == 0 {
		return nil, fmt.Errorf("no metrics returned from external metrics API")
	}
	var out []int64
	for _, m := range list.Items {
		out = append(out, m.Value.MilliValue())
	}
	return out, nil
}
