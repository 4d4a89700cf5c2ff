package storageobjectinuseprotection

import (
	"context"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestMutate(t *testing.T) {
	own := metav1.ObjectMeta{Finalizers: []string{"a/b"}}
	for _, test := range []struct {
		obj  kinds.Object
		want []string
	}{
		{&corev1.PersistentVolumeClaim{}, []string{"kubernetes.io/pvc-protection"}},
		{&corev1.PersistentVolume{ObjectMeta: own}, []string{"a/b", "kubernetes.io/pv-protection"}},
		{&storagev1.VolumeAttributesClass{}, []string{"kubernetes.io/vac-protection"}},
		{&storagev1.StorageClass{}, nil},
		{&corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Finalizers: []string{"kubernetes.io/pvc-protection"}}}, []string{"kubernetes.io/pvc-protection"}},
	} {
		if err := (Plugin{}).Mutate(context.Background(), admittest.Write(admit.Create, test.obj, nil)); err != nil || !slices.Equal(test.obj.GetFinalizers(), test.want) {
			t.Errorf("%T: got %v, %v; want %v", test.obj, test.obj.GetFinalizers(), err, test.want)
		}
	}
}
