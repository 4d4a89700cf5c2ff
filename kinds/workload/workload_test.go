package workload

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestPercent(t *testing.T) {
	tests := []struct {
		value  string
		amount int
		errs   int
	}{
		{"0", 0, 0},
		{"3", 3, 0},
		{"-1", -1, 1},
		{"25%", 25, 0},
		{"100%", 100, 0},
		{"101%", 101, 1},
		{"-5%", 0, 1},
		{"x", 0, 1},
		{"99999999999999999999%", 1<<63 - 1, 1},
	}
	for _, tt := range tests {
		value, path := intstr.Parse(tt.value), field.NewPath("x")
		if got := Amount(value); got != tt.amount {
			t.Errorf("%s is %d, want %d", tt.value, got, tt.amount)
		}
		if errs := append(IntOrPercent(value, path), AtMostAll(value, path)...); len(errs) != tt.errs {
			t.Errorf("%s: %v, want %d errors", tt.value, errs, tt.errs)
		}
	}
}

func TestCollisionCount(t *testing.T) {
	n := func(i int32) *int32 { return &i }
	tests := []struct {
		now, old *int32
		bad      bool
	}{
		{nil, nil, false}, {n(1), nil, false}, {n(1), n(1), false}, {n(2), n(1), false}, {n(1), n(2), true}, {nil, n(0), true},
	}
	for i, tt := range tests {
		if got := len(CollisionCount(tt.now, tt.old, field.NewPath("x"))) > 0; got != tt.bad {
			t.Errorf("%d: refused %v, want %v", i, got, tt.bad)
		}
	}
}

func TestContainers(t *testing.T) {
	template := &corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "a", Image: "x"}, {Name: "b", Image: "y"}}}}
	if names, images := Containers(template); names != "a,b" || images != "x,y" {
		t.Errorf("got %s and %s", names, images)
	}
}

func TestWarnName(t *testing.T) {
	want := "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]"
	if got := WarnName("a.b"); len(got) != 1 || got[0] != want {
		t.Errorf("got %q", got)
	}
	if got := WarnName("a"); got != nil {
		t.Errorf("got %q", got)
	}
}
