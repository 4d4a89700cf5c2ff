package nodedeclaredfeature

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestReview(t *testing.T) {
	world := admittest.NewWorld(
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "old"}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "new"}, Status: corev1.NodeStatus{DeclaredFeatures: []string{"InPlacePodLevelResourcesVerticalScaling"}}},
	)
	pod := func(node, cpu string, generation int64) *corev1.Pod {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Generation: generation}, Spec: corev1.PodSpec{NodeName: node}}
		p.Spec.Resources = &corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse(cpu)}}
		return p
	}
	for _, test := range []struct {
		name     string
		obj, old *corev1.Pod
		sub      string
		want     string
	}{
		{"able", pod("new", "2", 2), pod("new", "1", 1), "resize", ""},
		{"not able", pod("old", "2", 2), pod("old", "1", 1), "resize", `pods "p" is forbidden: pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "old"`},
		{"nothing that needs a feature", pod("old", "1", 2), pod("old", "1", 1), "resize", ""},
		{"no change of the spec", pod("old", "2", 1), pod("old", "1", 1), "resize", ""},
		{"no node yet", pod("", "2", 2), pod("", "1", 1), "resize", ""},
		{"missing node", pod("none", "2", 2), pod("none", "1", 1), "resize", `pods "p" is forbidden: node "none" not found`},
		{"status", pod("old", "2", 2), pod("old", "1", 1), "status", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			plugin, err := New(world, "1.37.2")
			if err != nil {
				t.Fatal(err)
			}
			a := admittest.Write(admit.Update, test.obj, test.old)
			a.Subresource = test.sub
			err = plugin.Review(context.Background(), a)
			if err != nil && err.Error() != test.want || err == nil && test.want != "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
