package podtolerationrestriction

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	named := func(name string, annotations map[string]string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations}}
	}
	world := admittest.NewWorld(named("plain", nil),
		named("own", map[string]string{defaultsAnnotation: `[{"key":"own","operator":"Exists"}]`, allowedAnnotation: `[{"key":"own","operator":"Exists"},{"key":"node.kubernetes.io/memory-pressure","operator":"Exists"}]`}),
		named("empty", map[string]string{defaultsAnnotation: "", allowedAnnotation: ""}),
		named("broken", map[string]string{defaultsAnnotation: "x"}),
	)
	plugin, err := New(world, []byte(`{apiVersion: podtolerationrestriction.admission.k8s.io/v1alpha1, kind: Configuration,
		default: [{key: d, operator: Exists}], whitelist: [{key: d, operator: Exists}, {key: w, operator: Exists}]}`))
	if err != nil {
		t.Fatal(err)
	}
	const conflict = "pod tolerations (possibly merged with namespace default tolerations) conflict with its "
	for _, test := range []struct {
		name, namespace string
		keys            string
		cpu             string
		want            string
	}{
		{"cluster default", "plain", "", "", "d"},
		{"allowed by the cluster", "plain", "w", "", "d w"},
		{"not allowed by the cluster", "plain", "x", "", conflict + "cluster whitelist"},
		{"namespace default", "own", "", "", "own"},
		{"not allowed by the namespace", "own", "w", "", conflict + "namespace whitelist"},
		{"a namespace that wants none", "empty", "x", "", "x"},
		{"memory pressure", "own", "", "1", "own node.kubernetes.io/memory-pressure"},
		{"broken annotation", "broken", "", "", "invalid character"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: test.namespace, Name: "p"}}
			for _, key := range strings.Fields(test.keys) {
				pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{Key: key, Operator: "Exists"})
			}
			if test.cpu != "" {
				pod.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse(test.cpu)}}}}
			}
			err := plugin.Mutate(context.Background(), admittest.Write(admit.Create, pod, nil))
			var keys []string
			for _, toleration := range pod.Spec.Tolerations {
				keys = append(keys, toleration.Key)
			}
			got := strings.Join(keys, " ")
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
