package autoscaling

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

func read(t *testing.T, r *kinds.Resource, text string) kinds.Object {
	t.Helper()
	obj := r.New().(kinds.Object)
	if err := yaml.UnmarshalStrict([]byte(text), obj); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	r.Rules.Default(obj)
	return obj
}

func texts(errs field.ErrorList) []string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return out
}

func spec(fields string) string {
	return `{metadata: {name: a}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}, maxReplicas: 5` + fields + `}}`
}

func TestValidate(t *testing.T) {
	hub := All()[0]
	tests := []struct {
		name, object string
		want         []string
	}{
		{"plain", spec(""), nil},
		{"nothing", `spec: {minReplicas: 0}`, []string{
			"spec.scaleTargetRef.kind: Required value",
			"spec.scaleTargetRef.name: Required value",
			`spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group`,
			"spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
			"spec.maxReplicas: Required value",
		}},
		{"least above most", spec(", minReplicas: 9"), []string{"spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`"}},
		{"zero with an external metric", spec(`, minReplicas: 0, metrics: [{type: External, external: {metric: {name: q}, target: {type: AverageValue, averageValue: 5}}}]`), nil},
		{"metrics", spec(`, metrics: [{type: Resource}, {type: Nope}, {type: Pods, pods: {metric: {name: ""}, target: {type: Utilization, averageUtilization: 0}}}]`), []string{
			"spec.metrics[0].resource: Required value: must populate information for the given metric source",
			`spec.metrics[1].type: Unsupported value: "Nope": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"`,
			"spec.metrics[2].pods.metric.name: Required value: must specify a metric name",
			"spec.metrics[2].pods.target.averageUtilization: Invalid value: 0: must be greater than 0",
			"spec.metrics[2].pods.target.averageValue: Required value: must specify a positive target averageValue",
		}},
		{"two sources", spec(`, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 1}}, pods: {}}]`), []string{
			"spec.metrics[0].pods.metric.name: Required value: must specify a metric name",
			"spec.metrics[0].pods.target.type: Required value: must specify a metric target type",
			`spec.metrics[0].pods.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue`,
			"spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue",
			"spec.metrics[0].pods: Forbidden: must populate the given metric source only",
		}},
		{"behavior", spec(`, behavior: {scaleUp: {stabilizationWindowSeconds: -1, selectPolicy: Some, policies: [{type: X, value: 0, periodSeconds: 1801}]}, scaleDown: {policies: [], tolerance: "-1"}}`), []string{
			"spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero",
			`spec.behavior.scaleUp.selectPolicy: Unsupported value: "Some": supported values: "Disabled", "Max", "Min"`,
			`spec.behavior.scaleUp.policies[0].type: Unsupported value: "X": supported values: "Percent", "Pods"`,
			"spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
			"spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800",
			"spec.behavior.scaleDown.policies: Required value: must specify at least one Policy",
			`spec.behavior.scaleDown.tolerance: Invalid value: "-1": must be greater than or equal to 0`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := texts(hub.Rules.Validate(kinds.Input{}, read(t, hub, tt.object))); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestOldReferenceMayStay(t *testing.T) {
	hub := All()[0]
	old := read(t, hub, `spec: {scaleTargetRef: {kind: Deployment, name: d}, maxReplicas: 5}`)
	now := read(t, hub, `spec: {scaleTargetRef: {kind: Deployment, name: d}, maxReplicas: 6}`)
	if errs := hub.Rules.ValidateUpdate(kinds.Input{}, now, old); len(errs) > 0 {
		t.Error(errs)
	}
}

// TestVersions follows objects from one version to the other.
func TestVersions(t *testing.T) {
	hub, v1 := All()[0], All()[1]

	simple := read(t, v1, spec("")).(*autoscalingv1.HorizontalPodAutoscaler)
	if n := simple.Spec.TargetCPUUtilizationPercentage; n == nil || *n != 80 {
		t.Errorf("v1 default: %v", n)
	}
	up := v1.ToHub(simple).(*autoscalingv2.HorizontalPodAutoscaler)
	if len(up.Spec.Metrics) != 1 || *up.Spec.Metrics[0].Resource.Target.AverageUtilization != 80 {
		t.Errorf("v1 as v2: %+v", up.Spec.Metrics)
	}

	rich := read(t, hub, spec(`, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}},
	  {type: Pods, pods: {metric: {name: m}, target: {type: AverageValue, averageValue: 10}}},
	  {type: Object, object: {metric: {name: o}, describedObject: {kind: Service, name: s, apiVersion: v1}, target: {type: Value, value: 2k}}},
	  {type: ContainerResource, containerResource: {name: memory, container: c, target: {type: AverageValue, averageValue: 1Gi}}},
	  {type: External, external: {metric: {name: e, selector: {matchLabels: {a: b}}}, target: {type: Value, value: 3}}}],
	  behavior: {scaleUp: {stabilizationWindowSeconds: 10}}`)).(*autoscalingv2.HorizontalPodAutoscaler)
	down := v1.FromHub(rich).(*autoscalingv1.HorizontalPodAutoscaler)
	if *down.Spec.TargetCPUUtilizationPercentage != 50 {
		t.Errorf("cpu %v", down.Spec.TargetCPUUtilizationPercentage)
	}
	want := map[string]string{
		metricsAnnotation: `[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"10"}},` +
			`{"type":"Object","object":{"target":{"kind":"Service","name":"s","apiVersion":"v1"},"metricName":"o","targetValue":"2k"}},` +
			`{"type":"ContainerResource","containerResource":{"name":"memory","targetAverageValue":"1Gi","container":"c"}},` +
			`{"type":"External","external":{"metricName":"e","metricSelector":{"matchLabels":{"a":"b"}},"targetValue":"3"}}]`,
		behaviorAnnotation: `{"ScaleUp":{"StabilizationWindowSeconds":10,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15},{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null},` +
			`"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}`,
	}
	for key, text := range want {
		if down.Annotations[key] != text {
			t.Errorf("%s\ngot  %s\nwant %s", key, down.Annotations[key], text)
		}
	}
	if len(rich.Annotations) != 0 {
		t.Errorf("the v2 object got annotations: %v", rich.Annotations)
	}

	// Back again everything is there, the CPU last.
	defaultAutoscalerV1(down)
	back := v1.ToHub(down).(*autoscalingv2.HorizontalPodAutoscaler)
	moved := append(slices.Clone(rich.Spec.Metrics[1:]), rich.Spec.Metrics[0])
	if got, want := text(t, back.Spec.Metrics), text(t, moved); got != want {
		t.Errorf("metrics\ngot  %s\nwant %s", got, want)
	}
	if got, want := text(t, back.Spec.Behavior), text(t, rich.Spec.Behavior); got != want {
		t.Errorf("behavior\ngot  %s\nwant %s", got, want)
	}
	if len(back.Annotations) != 0 {
		t.Errorf("annotations in v2: %v", back.Annotations)
	}
}

func TestStatusVersions(t *testing.T) {
	hub, v1 := All()[0], All()[1]
	a := read(t, hub, `status: {currentReplicas: 2, desiredReplicas: 3, conditions: [{type: AbleToScale, status: "True", reason: R, message: m}],
	  currentMetrics: [{type: Resource, resource: {name: cpu, current: {averageUtilization: 40, averageValue: 100m}}}]}`).(*autoscalingv2.HorizontalPodAutoscaler)
	down := v1.FromHub(a).(*autoscalingv1.HorizontalPodAutoscaler)
	if *down.Status.CurrentCPUUtilizationPercentage != 40 {
		t.Errorf("cpu %v", down.Status.CurrentCPUUtilizationPercentage)
	}
	if got, want := down.Annotations[conditionsAnnotation], `[{"type":"AbleToScale","status":"True","lastTransitionTime":null,"reason":"R","message":"m"}]`; got != want {
		t.Errorf("conditions\ngot  %s\nwant %s", got, want)
	}
	if got, want := down.Annotations[currentMetricsAnnotation], `[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":40,"currentAverageValue":"100m"}}]`; got != want {
		t.Errorf("metrics\ngot  %s\nwant %s", got, want)
	}
	back := v1.ToHub(down).(*autoscalingv2.HorizontalPodAutoscaler)
	if got, want := text(t, back.Status), text(t, a.Status); got != want {
		t.Errorf("status\ngot  %s\nwant %s", got, want)
	}
}

func TestBadAnnotationsAreIgnored(t *testing.T) {
	v1 := All()[1]
	a := read(t, v1, `{metadata: {annotations: {autoscaling.alpha.kubernetes.io/metrics: "no list", autoscaling.alpha.kubernetes.io/behavior: "[", other: x}}}`)
	up := v1.ToHub(a).(*autoscalingv2.HorizontalPodAutoscaler)
	if len(up.Spec.Metrics) != 1 || up.Spec.Behavior != nil || len(up.Annotations) != 1 || up.Annotations["other"] != "x" {
		t.Errorf("got %+v", up)
	}
}

func TestCells(t *testing.T) {
	hub := All()[0]
	tests := []struct{ object, want string }{
		{spec(""), "cpu: <unknown>/80%"},
		{spec(`, metrics: [{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}]`), "memory: <unknown>/1Gi"},
		{spec(`, metrics: [{type: External, external: {metric: {name: q}, target: {type: AverageValue, averageValue: 5}}}]`), "<unknown>/5 (avg)"},
		{spec(`, metrics: [{type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 5}}},
		  {type: Object, object: {metric: {name: q}, describedObject: {kind: K, name: n}, target: {type: Value, value: 2k}}},
		  {type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 5}}}]`), "<unknown>/5, <unknown>/2k + 1 more..."},
	}
	for _, tt := range tests {
		a := read(t, hub, tt.object)
		got := hub.Table.Cells(a, time.Time{})
		if got[1] != "Deployment/d" || got[2] != tt.want || got[3] != "1" {
			t.Errorf("got %v, want %s", got, tt.want)
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
