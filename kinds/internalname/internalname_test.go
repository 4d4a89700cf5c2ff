package internalname

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestValue(t *testing.T) {
	one, count := intstr.FromInt32(1), int32(1)
	tests := []struct {
		name  string
		value any
		want  string
	}{
		{"text", "x", `"x"`},
		{"number", int32(-1), `-1`},
		{"named text", batchv1.IndexedCompletion, `"Indexed"`},
		{"nil pointer", (*batchv1.PodFailurePolicy)(nil), `null`},
		{"selector keeps its JSON", &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}, `{"matchLabels":{"a":"b"}}`},
		{"strategy", appsv1.DeploymentStrategy{Type: "Sideways"}, `{"Type":"Sideways","RollingUpdate":null}`},
		{"budget", policyv1.PodDisruptionBudgetSpec{MinAvailable: &one, MaxUnavailable: &one,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "a"}}},
			`{"MinAvailable":1,"Selector":{"matchLabels":{"app":"a"}},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}`},
		{"nested list", batchv1.SuccessPolicy{Rules: []batchv1.SuccessPolicyRule{{SucceededCount: &count}}},
			`{"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}`},
		{"metadata among the fields", []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "d"}}},
			`[{"name":"d","Spec":{"AccessModes":null,"Selector":null,"Resources":{"Limits":null,"Requests":null},"VolumeName":"","StorageClassName":null,"VolumeMode":null,"DataSource":null,"DataSourceRef":null,"VolumeAttributesClassName":null},"Status":{"Phase":"","AccessModes":null,"Capacity":null,"Conditions":null,"AllocatedResources":null,"AllocatedResourceStatuses":null,"CurrentVolumeAttributesClassName":null,"ModifyVolumeStatus":null,"HealthStatus":null}}]`},
		{"quantities", corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("1")}},
			`{"Limits":null,"Requests":{"cpu":"1"},"Claims":null}`},
		{"pointer", &corev1.EmptyDirVolumeSource{},
			`{"Medium":"","SizeLimit":null,"Mode":null}`},
		{"empty list", []corev1.PersistentVolumeClaim{}, `[]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := field.Invalid(field.NewPath("x"), Value(tt.value), "bad").Error()
			if want := "x: Invalid value: " + tt.want + ": bad"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
