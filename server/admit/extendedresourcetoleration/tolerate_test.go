package extendedresourcetoleration

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	pod := &corev1.Pod{}
	list := corev1.ResourceList{}
	for _, name := range []corev1.ResourceName{"cpu", "z.com/gpu", "a.com/fpga", "kubernetes.io/x", "hugepages-2Mi"} {
		list[name] = resource.MustParse("1")
	}
	pod.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: list}}}
	pod.Spec.Tolerations = []corev1.Toleration{{Key: "z.com/gpu", Operator: "Exists", Effect: "NoSchedule"}}
	for range 2 { // a second time changes nothing
		if err := (Plugin{}).Mutate(context.Background(), admittest.Write(admit.Create, pod, nil)); err != nil {
			t.Fatal(err)
		}
		got := pod.Spec.Tolerations
		if len(got) != 2 || got[0].Key != "z.com/gpu" || got[1].Key != "a.com/fpga" || got[1].Operator != "Exists" || got[1].Effect != "NoSchedule" {
			t.Errorf("got %v", got)
		}
	}
}
