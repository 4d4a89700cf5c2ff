package persistentvolumeclaimresize

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestReview(t *testing.T) {
	world := admittest.NewWorld(
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "grows"}, AllowVolumeExpansion: ptr.To(true)},
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fixed"}},
	)
	claim := func(class, size string, phase corev1.PersistentVolumeClaimPhase) *corev1.PersistentVolumeClaim {
		c := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Status: corev1.PersistentVolumeClaimStatus{Phase: phase}}
		c.Spec.StorageClassName = &class
		c.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}
		return c
	}
	const refused = `persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize`
	for _, test := range []struct {
		name     string
		obj, old *corev1.PersistentVolumeClaim
		want     string
	}{
		{"grow", claim("grows", "2Gi", "Bound"), claim("grows", "1Gi", "Bound"), ""},
		{"a class that does not grow", claim("fixed", "2Gi", "Bound"), claim("fixed", "1Gi", "Bound"), refused},
		{"a missing class", claim("none", "2Gi", "Bound"), claim("none", "1Gi", "Bound"), refused},
		{"no class", claim("", "2Gi", "Bound"), claim("", "1Gi", "Bound"), refused},
		{"another class", claim("grows", "2Gi", "Bound"), claim("fixed", "1Gi", "Bound"), refused},
		{"pending", claim("grows", "2Gi", ""), claim("grows", "1Gi", "Pending"), `persistentvolumeclaims "c" is forbidden: Only bound persistent volume claims can be expanded`},
		{"same size", claim("fixed", "1024Mi", "Bound"), claim("fixed", "1Gi", "Bound"), ""},
		{"shrink", claim("fixed", "1Gi", "Bound"), claim("fixed", "2Gi", "Bound"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := New(world).Review(context.Background(), admittest.Write(admit.Update, test.obj, test.old))
			if err != nil && err.Error() != test.want || err == nil && test.want != "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
