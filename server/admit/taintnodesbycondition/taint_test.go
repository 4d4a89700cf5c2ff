package taintnodesbycondition

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	for _, test := range []struct {
		name string
		have []corev1.Taint
		want int
	}{
		{"none", nil, 1},
		{"another", []corev1.Taint{{Key: "a", Effect: "NoSchedule"}}, 2},
		{"another effect", []corev1.Taint{{Key: corev1.TaintNodeNotReady, Effect: "NoExecute"}}, 2},
		{"there, with a value", []corev1.Taint{{Key: corev1.TaintNodeNotReady, Value: "v", Effect: "NoSchedule"}}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			node := &corev1.Node{Spec: corev1.NodeSpec{Taints: test.have}}
			if err := (Plugin{}).Mutate(context.Background(), admittest.Write(admit.Create, node, nil)); err != nil || len(node.Spec.Taints) != test.want {
				t.Errorf("got %v, %v", node.Spec.Taints, err)
			}
		})
	}
}
