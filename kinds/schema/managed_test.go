package schema

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/kubernetes/scheme"
)

// BenchmarkManagedFields is what the types cost a write: the managed fields of a status update of a pod.
func BenchmarkManagedFields(b *testing.B) {
	converter, err := NewTypeConverter()
	if err != nil {
		b.Fatal(err)
	}
	gvk := corev1.SchemeGroupVersion.WithKind("Pod")
	fields, err := managedfields.NewDefaultFieldManager(converter, scheme.Scheme, scheme.Scheme, scheme.Scheme, gvk, gvk.GroupVersion(), "status", nil)
	if err != nil {
		b.Fatal(err)
	}
	empty := &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}}
	live := largePod()
	if _, err := fields.Update(empty, live, "creator"); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		next := live.DeepCopy()
		next.Status.Phase = corev1.PodRunning
		next.Status.PodIP = fmt.Sprintf("10.0.0.%d", i%250)
		if _, err := fields.Update(live, next, "kubelet"); err != nil {
			b.Fatal(err)
		}
	}
}

func largePod() *corev1.Pod {
	container := func(name string) corev1.Container {
		probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(80)}}}
		return corev1.Container{
			Name: name, Image: "registry.example.com/a:1", Args: []string{"a", "b"},
			Env:   []corev1.EnvVar{{Name: "A", Value: "b"}, {Name: "C", Value: "d"}},
			Ports: []corev1.ContainerPort{{ContainerPort: 80, Protocol: corev1.ProtocolTCP}},
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("64Mi"),
			}},
			VolumeMounts:  []corev1.VolumeMount{{Name: "v", MountPath: "/v"}},
			LivenessProbe: probe, ReadinessProbe: probe,
		}
	}
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "b", Labels: map[string]string{"a": "b", "c": "d"}},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{container("a"), container("b")},
			Volumes:    []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
		},
	}
}
