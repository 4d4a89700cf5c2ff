package defaulttolerationseconds

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	const notReady, unreachable = corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable
	for _, test := range []struct {
		name string
		have []corev1.Toleration
		want string // what is added
	}{
		{"none", nil, "not-ready=10 unreachable=20"},
		{"one of its own", []corev1.Toleration{{Key: notReady, Operator: "Exists", Effect: "NoExecute"}}, "unreachable=20"},
		{"another effect does not count", []corev1.Toleration{{Key: notReady, Operator: "Exists", Effect: "NoSchedule"}}, "not-ready=10 unreachable=20"},
		{"any effect counts", []corev1.Toleration{{Key: unreachable, Operator: "Exists"}}, "not-ready=10"},
		{"any key counts", []corev1.Toleration{{Operator: "Exists"}}, ""},
		{"any key of the effect counts", []corev1.Toleration{{Operator: "Exists", Effect: "NoExecute"}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			pod := &corev1.Pod{}
			pod.Spec.Tolerations = test.have
			if err := New(10, 20).Mutate(context.Background(), admittest.Write(admit.Create, pod, nil)); err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, add := range pod.Spec.Tolerations[len(test.have):] {
				if got != "" {
					got += " "
				}
				if add.Operator != "Exists" || add.Effect != "NoExecute" {
					t.Errorf("added %v", add)
				}
				got += fmt.Sprintf("%s=%d", add.Key[len("node.kubernetes.io/"):], *add.TolerationSeconds)
			}
			if got != test.want {
				t.Errorf("added %q, want %q", got, test.want)
			}
		})
	}
}
