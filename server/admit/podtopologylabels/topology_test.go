package podtopologylabels

import (
	"context"
	"maps"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	world := admittest.NewWorld(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{
		corev1.LabelTopologyZone: "z1", corev1.LabelTopologyRegion: "r1", corev1.LabelHostname: "h",
	}}}, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "bare"}})
	both := map[string]string{corev1.LabelTopologyZone: "z1", corev1.LabelTopologyRegion: "r1"}
	binding := func(kind, node string, labels map[string]string) *corev1.Binding {
		return &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Target: corev1.ObjectReference{Kind: kind, Name: node}}
	}
	pod := &kinds.Resource{Plural: "pods"}
	for _, test := range []struct {
		name     string
		obj      kinds.Object
		resource *kinds.Resource
		sub      string
		want     map[string]string
	}{
		{"binding", binding("Node", "n", nil), pod, "binding", both},
		{"binding with a zone of its own", binding("Node", "n", map[string]string{corev1.LabelTopologyZone: "mine"}), pod, "binding", both},
		{"binding of no kind", binding("", "n", nil), pod, "binding", nil},
		{"binding to a missing node", binding("Node", "none", nil), pod, "binding", nil},
		{"binding to a node without labels", binding("Node", "bare", nil), pod, "binding", nil},
		{"the old bindings resource", binding("Node", "n", nil), &kinds.Resource{Plural: "bindings"}, "", nil},
		{"pod with its node", &corev1.Pod{Spec: corev1.PodSpec{NodeName: "n"}}, pod, "", both},
		{"pod without", &corev1.Pod{}, pod, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := admittest.Write(admit.Create, test.obj, nil)
			a.Resource, a.Subresource = test.resource, test.sub
			if err := New(world).Mutate(context.Background(), a); err != nil || !maps.Equal(test.obj.GetLabels(), test.want) {
				t.Errorf("got %v, %v", test.obj.GetLabels(), err)
			}
		})
	}
}
