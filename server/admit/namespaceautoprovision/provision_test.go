package namespaceautoprovision

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	ctx := context.Background()
	world := admittest.NewWorld()
	a := admittest.Write(admit.Create, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "new"}}, nil)
	a.DryRun = true
	plugin := New(world, world)
	if err := plugin.Mutate(ctx, a); err != nil {
		t.Fatal(err)
	}
	if _, err := world.Get(ctx, "", "namespaces", "", "new"); err == nil {
		t.Error("a dry run made a namespace")
	}
	a.DryRun = false
	for range 2 {
		if err := plugin.Mutate(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := world.Get(ctx, "", "namespaces", "", "new"); err != nil {
		t.Error(err)
	}
}
