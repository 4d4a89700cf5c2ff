package defaultstorageclass

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func class(name string, made int64, annotation string) *storagev1.StorageClass {
	c := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(made, 0))}}
	if annotation != "" {
		c.Annotations = map[string]string{annotation: "true"}
	}
	return c
}

func TestMutate(t *testing.T) {
	const marked, old = "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"
	a, b, c := class("a", 1, ""), class("b", 2, marked), class("c", 2, old)
	for _, test := range []struct {
		name    string
		classes []*storagev1.StorageClass
		claim   corev1.PersistentVolumeClaim
		want    string
	}{
		{"no default", []*storagev1.StorageClass{a}, corev1.PersistentVolumeClaim{}, "<nil>"},
		{"default", []*storagev1.StorageClass{a, b}, corev1.PersistentVolumeClaim{}, "b"},
		{"marked in the old way", []*storagev1.StorageClass{c}, corev1.PersistentVolumeClaim{}, "c"},
		{"two of one age", []*storagev1.StorageClass{c, b}, corev1.PersistentVolumeClaim{}, "b"},
		{"the newest of two", []*storagev1.StorageClass{class("z", 3, marked), b}, corev1.PersistentVolumeClaim{}, "z"},
		{"a class of its own", []*storagev1.StorageClass{b}, corev1.PersistentVolumeClaim{Spec: corev1.PersistentVolumeClaimSpec{StorageClassName: ptr.To("x")}}, "x"},
		{"none, on purpose", []*storagev1.StorageClass{b}, corev1.PersistentVolumeClaim{Spec: corev1.PersistentVolumeClaimSpec{StorageClassName: ptr.To("")}}, ""},
		{"the old annotation", []*storagev1.StorageClass{b}, corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{corev1.BetaStorageClassAnnotation: "x"}}}, "<nil>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			world := admittest.NewWorld()
			for _, class := range test.classes {
				world.Put(class)
			}
			if err := New(world).Mutate(context.Background(), admittest.Write(admit.Create, &test.claim, nil)); err != nil {
				t.Fatal(err)
			}
			if got := ptr.Deref(test.claim.Spec.StorageClassName, "<nil>"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
