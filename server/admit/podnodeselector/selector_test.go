package podnodeselector

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	named := func(name string, annotations map[string]string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations}}
	}
	world := admittest.NewWorld(named("plain", nil), named("gpu", map[string]string{annotation: "hw=gpu"}), named("closed", map[string]string{annotation: ""}))
	plugin, err := New(world, []byte("podNodeSelectorPluginConfig: {clusterDefaultNodeSelector: pool=main, closed: 'a=b,c=d'}"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		namespace string
		selector  map[string]string
		want      string
	}{
		{"plain", nil, "map[pool:main]"},
		{"plain", map[string]string{"x": "y"}, "map[pool:main x:y]"},
		{"plain", map[string]string{"pool": "other"}, `pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector`},
		{"gpu", nil, "map[hw:gpu]"},
		{"closed", map[string]string{"a": "b"}, "map[a:b]"},
		{"closed", map[string]string{"a": "x"}, `pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist`},
		{"none", nil, `namespaces "none" not found`},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: test.namespace, Name: "p"}, Spec: corev1.PodSpec{NodeSelector: test.selector}}
		err := plugin.Mutate(context.Background(), admittest.Write(admit.Create, pod, nil))
		got := fmt.Sprint(pod.Spec.NodeSelector)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s %v: got %s, want %s", test.namespace, test.selector, got, test.want)
		}
	}
}
