package codec

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestChecker(t *testing.T) {
	port := func(typ intstr.Type) *corev1.Pod {
		return &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Lifecycle: &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{HTTPGet: &corev1.HTTPGetAction{Port: intstr.IntOrString{Type: typ}}}},
		}}}}
	}
	managed := func(raw string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{{FieldsV1: &metav1.FieldsV1{Raw: []byte(raw)}}}}}
	}
	schema := func(raw string) *apiextensionsv1.JSONSchemaProps {
		return &apiextensionsv1.JSONSchemaProps{Properties: map[string]apiextensionsv1.JSONSchemaProps{
			"a": {Items: &apiextensionsv1.JSONSchemaPropsOrArray{Schema: &apiextensionsv1.JSONSchemaProps{Default: &apiextensionsv1.JSON{Raw: []byte(raw)}}}},
		}}
	}
	deep := func(n int) *apiextensionsv1.JSONSchemaProps {
		s := &apiextensionsv1.JSONSchemaProps{}
		for range n {
			s = &apiextensionsv1.JSONSchemaProps{Not: s}
		}
		return s
	}
	tests := []struct {
		name string
		obj  any
		ok   bool
	}{
		{"a number or a text", port(intstr.String), true},
		{"neither", port(7), false},
		{"fields", managed(`{"f:a":{}}`), true},
		{"no fields", managed(``), true},
		{"fields that are not JSON", managed(`{{`), false},
		{"a revision", &appsv1.ControllerRevision{Data: runtime.RawExtension{Raw: []byte(`{}`)}}, true},
		{"a revision that is not JSON", &appsv1.ControllerRevision{Data: runtime.RawExtension{Raw: []byte(`{`)}}, false},
		{"a schema", schema(`"x"`), true},
		{"a deep schema", deep(2000), true},
		{"one too deep to be read again", deep(9990), false},
		{"a default that is not JSON, below", schema(`"x`), false},
	}
	var c Checker
	for _, tt := range tests {
		if err := c.Check(tt.obj); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func BenchmarkChecker(b *testing.B) {
	var c Checker
	pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: make([]corev1.Container, 3), Volumes: make([]corev1.Volume, 4), Tolerations: make([]corev1.Toleration, 4)}}
	b.ReportAllocs()
	for range b.N {
		c.Check(pod) //nolint:errcheck
	}
}
