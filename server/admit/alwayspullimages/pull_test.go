package alwayspullimages

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func pod(image string, policy corev1.PullPolicy) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}}
	p.Spec.InitContainers = []corev1.Container{{Image: "init", ImagePullPolicy: policy}}
	p.Spec.Containers = []corev1.Container{{Image: image, ImagePullPolicy: policy}}
	p.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{Image: &corev1.ImageVolumeSource{PullPolicy: policy}}}}
	return p
}

func TestPull(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		name  string
		write *admit.Attributes
		want  corev1.PullPolicy
	}{
		{"create", admittest.Write(admit.Create, pod("a", "Never"), nil), "Always"},
		{"a new image", admittest.Write(admit.Update, pod("b", "Never"), pod("a", "Never")), "Always"},
		{"an update of something else", admittest.Write(admit.Update, pod("a", "Never"), pod("a", "Never")), "Never"},
	} {
		if err := (Plugin{}).Mutate(ctx, test.write); err != nil {
			t.Fatal(err)
		}
		p := test.write.Object.(*corev1.Pod)
		if p.Spec.Containers[0].ImagePullPolicy != test.want || p.Spec.InitContainers[0].ImagePullPolicy != test.want || p.Spec.Volumes[0].Image.PullPolicy != test.want {
			t.Errorf("%s: got %v", test.name, p.Spec)
		}
		if err := (Plugin{}).Review(ctx, test.write); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	p := pod("a", "Always")
	p.Spec.Containers[0].ImagePullPolicy = "Never"
	err := Plugin{}.Review(ctx, admittest.Write(admit.Create, p, nil))
	want := `pods "p" is forbidden: spec.containers[0].imagePullPolicy: Unsupported value: "Never": supported values: "Always"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
