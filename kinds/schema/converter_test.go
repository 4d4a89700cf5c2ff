package schema

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	gvk "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/yaml"
)

// Every kind can be parsed, and refers to no type that is missing.
func TestEveryKind(t *testing.T) {
	s, err := newStructure(structureText)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.kinds) < 200 {
		t.Errorf("%d kinds, expected at least 200", len(s.kinds))
	}
	for kind := range s.kinds {
		if _, err := s.kind(kind); err != nil {
			t.Errorf("%v: %v", kind, err)
		}
	}
}

// What a manager owns of an object shows which lists are maps, sets or atomic.
func TestObjectToTyped(t *testing.T) {
	converter, err := NewTypeConverter()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, object, owns, problem string }{
		{
			name:   "a map of strings, key by key",
			object: `{apiVersion: v1, kind: ConfigMap, data: {a: b, c: d}}`,
			owns:   `{"f:apiVersion":{},"f:data":{"f:a":{},"f:c":{}},"f:kind":{}}`,
		},
		{
			name:   "a list with two keys, one of them by default; an atomic map",
			object: `{apiVersion: v1, kind: Service, spec: {ports: [{port: 80}], selector: {a: b}}}`,
			owns:   `{"f:apiVersion":{},"f:kind":{},"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}},"f:selector":{}}}`,
		},
		{
			name:   "finalizers are a set",
			object: `{apiVersion: v1, kind: Secret, metadata: {finalizers: [a/b]}}`,
			owns:   `{"f:apiVersion":{},"f:kind":{},"f:metadata":{"f:finalizers":{"v:\"a/b\"":{}}}}`,
		},
		{
			name:   "an atomic list, a quantity, a number or string",
			object: `{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, args: [x], resources: {limits: {cpu: 1}}, livenessProbe: {httpGet: {port: http}}}]}}`,
			owns:   `{"f:apiVersion":{},"f:kind":{},"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:args":{},"f:livenessProbe":{"f:httpGet":{"f:port":{}}},"f:name":{},"f:resources":{"f:limits":{"f:cpu":{}}}}}}}`,
		},
		{
			name:   "the size of a workload",
			object: `{apiVersion: autoscaling/v1, kind: Scale, spec: {replicas: 1}}`,
			owns:   `{"f:apiVersion":{},"f:kind":{},"f:spec":{"f:replicas":{}}}`,
		},
		{
			name:    "a field that the kind does not have",
			object:  `{apiVersion: apps/v1, kind: Deployment, spec: {size: 1}}`,
			problem: `.spec.size: field not declared in schema`,
		},
		{
			name:    "a kind that is not built in",
			object:  `{apiVersion: example.com/v1, kind: Widget}`,
			problem: `no kind "Widget" is registered for version "example.com/v1" in scheme "kinds/schema"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(tt.object), &u.Object); err != nil {
				t.Fatal(err)
			}
			typed, err := converter.ObjectToTyped(u)
			if tt.problem != "" {
				if err == nil || err.Error() != tt.problem {
					t.Fatalf("got error %v, want %s", err, tt.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			set, err := typed.ToFieldSet()
			if err != nil {
				t.Fatal(err)
			}
			got, _ := set.ToJSON()
			if string(got) != tt.owns {
				t.Errorf("owns\n%s, want\n%s", got, tt.owns)
			}
			back, err := converter.TypedToObject(typed)
			if err != nil || back.GetObjectKind().GroupVersionKind() != u.GroupVersionKind() {
				t.Errorf("TypedToObject: %v, %v", back, err)
			}
		})
	}
}

// A typed object and its unstructured form are of one schema, so they can be compared.
func TestTypedAndUnstructured(t *testing.T) {
	converter, err := NewTypeConverter()
	if err != nil {
		t.Fatal(err)
	}
	replicas := int32(2)
	d := &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "a"},
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas},
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(d)
	if err != nil {
		t.Fatal(err)
	}
	a, err := converter.ObjectToTyped(d)
	if err != nil {
		t.Fatal(err)
	}
	b, err := converter.ObjectToTyped(&unstructured.Unstructured{Object: content})
	if err != nil {
		t.Fatal(err)
	}
	if diff, err := a.Compare(b); err != nil || !diff.IsSame() {
		t.Errorf("Compare: %v, %v", diff, err)
	}
}

func BenchmarkFirstPod(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		s, err := newStructure(structureText)
		if err != nil {
			b.Fatal(err)
		}
		if t, err := s.kind(gvk.GroupVersionKind{Version: "v1", Kind: "Pod"}); t == nil || err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkObjectToTyped(b *testing.B) {
	converter, err := NewTypeConverter()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	pod := examplePod()
	for range b.N {
		if _, err := converter.ObjectToTyped(pod); err != nil {
			b.Fatal(err)
		}
	}
}

func examplePod() *corev1.Pod {
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"a": "b"}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "a", Image: "b", Env: []corev1.EnvVar{{Name: "c", Value: "d"}},
		}}},
	}
}

var _ managedfields.TypeConverter = typeConverter{}
