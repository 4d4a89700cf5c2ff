package defaultingressclass

import (
	"context"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	world := admittest.NewWorld(
		&networkingv1.IngressClass{ObjectMeta: metav1.ObjectMeta{Name: "a"}},
		&networkingv1.IngressClass{ObjectMeta: metav1.ObjectMeta{Name: "b", Annotations: map[string]string{networkingv1.AnnotationIsDefaultIngressClass: "true"}}},
	)
	for _, test := range []struct {
		name    string
		ingress networkingv1.Ingress
		want    string
	}{
		{"default", networkingv1.Ingress{}, "b"},
		{"its own", networkingv1.Ingress{Spec: networkingv1.IngressSpec{IngressClassName: ptr.To("a")}}, "a"},
		{"the old annotation", networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"kubernetes.io/ingress.class": "x"}}}, "<nil>"},
	} {
		if err := New(world).Mutate(context.Background(), admittest.Write(admit.Create, &test.ingress, nil)); err != nil {
			t.Fatal(err)
		}
		if got := ptr.Deref(test.ingress.Spec.IngressClassName, "<nil>"); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
