package limitpodhardantiaffinitytopology

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestReview(t *testing.T) {
	for key, want := range map[string]string{
		corev1.LabelHostname:     "",
		corev1.LabelTopologyZone: `pods "p" is forbidden: affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey topology.kubernetes.io/zone but only key kubernetes.io/hostname is allowed`,
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}}
		pod.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{TopologyKey: key}}}}
		err := Plugin{}.Review(context.Background(), admittest.Write(admit.Create, pod, nil))
		if err != nil && err.Error() != want || err == nil && want != "" {
			t.Errorf("%s: got %v, want %q", key, err, want)
		}
	}
}
