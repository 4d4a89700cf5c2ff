package podresize

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestReview(t *testing.T) {
	world := admittest.NewWorld(
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Status: corev1.NodeStatus{Allocatable: corev1.ResourceList{"cpu": resource.MustParse("8"), "memory": resource.MustParse("1Gi")}}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "w", Labels: map[string]string{corev1.LabelOSStable: "windows"}}},
	)
	pod := func(node, cpu, memory string, generation int64) *corev1.Pod {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Generation: generation}, Spec: corev1.PodSpec{NodeName: node}}
		p.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse(cpu), "memory": resource.MustParse(memory)}}}}
		return p
	}
	for _, test := range []struct {
		name  string
		obj   *corev1.Pod
		want  string
		cause metav1.CauseType
	}{
		{"fits", pod("n", "8", "1Gi", 2), "", ""},
		{"does not", pod("n", "9150m", "1Gi", 2), `pods "p" is forbidden: node didn't have enough allocatable resources: cpu, requested: 9150, allocatable: 8000`, "NodeCapacity"},
		{"in both", pod("n", "9", "1025Mi", 2), `pods "p" is forbidden: node didn't have enough allocatable resources: cpu, requested: 9000, allocatable: 8000; memory, requested: 1074790400, allocatable: 1073741824`, "NodeCapacity"},
		{"no change", pod("n", "9", "1Gi", 1), "", ""},
		{"windows", pod("w", "1", "1", 2), `pods "p" is forbidden: pod resize is only supported on linux nodes, node "w" is "windows"`, "UnsupportedPlatform"},
		{"missing node", pod("none", "1", "1", 2), `pods "p" is forbidden: node "none" not found`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := admittest.Write(admit.Update, test.obj, pod(test.obj.Spec.NodeName, "1m", "1", 1))
			a.Subresource = "resize"
			err := New(world).Review(context.Background(), a)
			if err != nil && err.Error() != test.want || err == nil && test.want != "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if test.cause != "" && !apierrors.HasStatusCause(err, test.cause) {
				t.Errorf("no cause %s", test.cause)
			}
		})
	}
}
