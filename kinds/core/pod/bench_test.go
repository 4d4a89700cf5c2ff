package pod

import (
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// typical is a pod as a Deployment makes it, after admission.
func typical(b *testing.B) *corev1.Pod {
	text, err := os.ReadFile("testdata/typical.yaml")
	if err != nil {
		b.Fatal(err)
	}
	p := &corev1.Pod{}
	if err := yaml.UnmarshalStrict(text, p); err != nil {
		b.Fatal(err)
	}
	return p
}

func BenchmarkCreate(b *testing.B) {
	p := typical(b)
	b.ReportAllocs()
	for b.Loop() {
		Default(p)
		prepareCreate(input, p)
		if errs := validateCreate(input, p); len(errs) > 0 {
			b.Fatal(errs)
		}
		warn(p, nil)
	}
}

func BenchmarkStatus(b *testing.B) {
	p := typical(b)
	Default(p)
	p.Status = corev1.PodStatus{
		Phase:             corev1.PodRunning,
		PodIP:             "10.9.0.1",
		PodIPs:            []corev1.PodIP{{IP: "10.9.0.1"}},
		Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		ContainerStatuses: []corev1.ContainerStatus{{Name: "c", Ready: true}},
	}
	old := p.DeepCopy()
	b.ReportAllocs()
	for b.Loop() {
		Default(p)
		prepareStatus(input, p, old)
		if errs := validateStatus(input, p, old); len(errs) > 0 {
			b.Fatal(errs)
		}
	}
}
