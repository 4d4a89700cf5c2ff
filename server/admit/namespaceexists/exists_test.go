package namespaceexists

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestReview(t *testing.T) {
	world := admittest.NewWorld(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "here"}})
	for ns, want := range map[string]string{"here": "<nil>", "none": `namespaces "none" not found`, "": "<nil>"} {
		obj := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "c"}}
		if got := fmt.Sprint(New(world).Review(context.Background(), admittest.Write(admit.Delete, nil, obj))); got != want {
			t.Errorf("%q: got %s, want %s", ns, got, want)
		}
	}
}
