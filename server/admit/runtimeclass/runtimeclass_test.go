package runtimeclass

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func cpu(s string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(s)}
}

func TestRuntimeClass(t *testing.T) {
	world := admittest.NewWorld(
		&nodev1.RuntimeClass{
			ObjectMeta: metav1.ObjectMeta{Name: "rc"}, Overhead: &nodev1.Overhead{PodFixed: cpu("250m")},
			Scheduling: &nodev1.Scheduling{NodeSelector: map[string]string{"rt": "yes"}, Tolerations: []corev1.Toleration{{Key: "rt", Operator: "Exists"}}},
		},
		&nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: "plain"}},
	)
	const forbidden = `pods "p" is forbidden: `
	for _, test := range []struct {
		name string
		spec corev1.PodSpec
		want string // node selector and number of tolerations, or the error
	}{
		{"no class", corev1.PodSpec{}, "map[] 0 0"},
		{"class", corev1.PodSpec{RuntimeClassName: ptr.To("rc")}, "map[rt:yes] 1 250"},
		{"same selector and overhead", corev1.PodSpec{RuntimeClassName: ptr.To("rc"), NodeSelector: map[string]string{"rt": "yes", "a": "b"}, Overhead: cpu("0.25")}, "map[a:b rt:yes] 1 250"},
		{"another selector", corev1.PodSpec{RuntimeClassName: ptr.To("rc"), NodeSelector: map[string]string{"rt": "no"}}, forbidden + "conflict: runtimeClass.scheduling.nodeSelector[rt] = yes; pod.spec.nodeSelector[rt] = no"},
		{"another overhead", corev1.PodSpec{RuntimeClassName: ptr.To("rc"), Overhead: cpu("1")}, forbidden + "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"},
		{"overhead without the class's", corev1.PodSpec{RuntimeClassName: ptr.To("plain"), Overhead: cpu("1")}, forbidden + "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"},
		{"overhead without a class", corev1.PodSpec{Overhead: cpu("1")}, forbidden + "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"},
		{"missing", corev1.PodSpec{RuntimeClassName: ptr.To("Bad Name")}, forbidden + `pod rejected: RuntimeClass "Bad Name" not found`},
		{"empty name", corev1.PodSpec{RuntimeClassName: ptr.To("")}, "resource name may not be empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: test.spec}
			a := admittest.Write(admit.Create, pod, nil)
			plugin := New(world)
			err := plugin.Mutate(context.Background(), a)
			if err == nil {
				err = plugin.Review(context.Background(), a)
			}
			got := fmt.Sprintf("%v %d %d", pod.Spec.NodeSelector, len(pod.Spec.Tolerations), pod.Spec.Overhead.Cpu().MilliValue())
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
