package workloads

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestStatefulSet(t *testing.T) {
	w := newWorld(t, nil)
	api := w.AppsV1().StatefulSets(ns)
	claim := corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}}
	set := &appsv1.StatefulSet{ObjectMeta: meta("db"), Spec: appsv1.StatefulSetSpec{
		Replicas: ptr(int32(3)), Selector: selector("db"), Template: template("db", "v1"), ServiceName: "db",
		VolumeClaimTemplates: []corev1.PersistentVolumeClaim{claim},
		PersistentVolumeClaimRetentionPolicy: &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{
			WhenDeleted: appsv1.DeletePersistentVolumeClaimRetentionPolicyType, WhenScaled: appsv1.DeletePersistentVolumeClaimRetentionPolicyType,
		},
	}}
	_, err := api.Create(w.ctx, set, metav1.CreateOptions{})
	w.must(err)
	settled := func(n int32, images ...string) *appsv1.StatefulSet {
		t.Helper()
		var out *appsv1.StatefulSet
		w.eventually("the set's pods", func() bool {
			set, err := api.Get(w.ctx, "db", metav1.GetOptions{})
			w.must(err)
			out = set
			s := set.Status
			pods := w.pods("app=db") // sorted by name
			if s.ObservedGeneration != set.Generation || s.Replicas != n || s.ReadyReplicas != n || s.AvailableReplicas != n || len(pods) != int(n) {
				return false
			}
			for i, p := range pods {
				if p.Spec.Containers[0].Image != images[min(i, len(images)-1)] {
					return false
				}
			}
			return true
		})
		return out
	}
	set = settled(3, "v1")
	if set.Status.CurrentRevision != set.Status.UpdateRevision || set.Status.CurrentReplicas != 3 || set.Status.UpdatedReplicas != 3 {
		t.Errorf("status %+v", set.Status)
	}
	p, err := w.CoreV1().Pods(ns).Get(w.ctx, "db-1", metav1.GetOptions{})
	w.must(err)
	if p.Spec.Hostname != "db-1" || p.Spec.Subdomain != "db" || p.Labels["statefulset.kubernetes.io/pod-name"] != "db-1" || p.Labels["apps.kubernetes.io/pod-index"] != "1" ||
		p.Labels["controller-revision-hash"] != set.Status.CurrentRevision || p.Spec.Volumes[0].PersistentVolumeClaim.ClaimName != "data-db-1" {
		t.Errorf("pod %v %+v", p.Labels, p.Spec)
	}
	w.event("StatefulSet", "db", "SuccessfulCreate", "create Pod db-2 in StatefulSet db successful")
	w.event("StatefulSet", "db", "SuccessfulCreate", "create Claim data-db-0 Pod db-0 in StatefulSet db success")

	patch := func(kind types.PatchType, body string) {
		t.Helper()
		_, err := api.Patch(w.ctx, "db", kind, []byte(body), metav1.PatchOptions{})
		w.must(err)
	}
	patch(types.MergePatchType, `{"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}`)
	patch(types.StrategicMergePatchType, image("v2"))
	settled(3, "v1", "v1", "v2")
	patch(types.MergePatchType, `{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0,"maxUnavailable":2}}}}`)
	settled(3, "v2")
	w.eventually("the update is the current version", func() bool {
		set = settled(3, "v2")
		return set.Status.CurrentRevision == set.Status.UpdateRevision
	})
	w.undo("StatefulSet", set)
	settled(3, "v1")

	patch(types.MergePatchType, `{"spec":{"replicas":1,"podManagementPolicy":null}}`)
	settled(1, "v1")
	w.eventually("claims of pods that went are gone", func() bool {
		claims, err := w.CoreV1().PersistentVolumeClaims(ns).List(w.ctx, metav1.ListOptions{})
		w.must(err)
		for _, c := range claims.Items { // nobody protects them here but the protection controller
			if c.DeletionTimestamp == nil && c.Name != "data-db-0" {
				return false
			}
		}
		return true
	})
}
