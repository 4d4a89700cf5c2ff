package workloads

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func TestReplicaSet(t *testing.T) {
	w := newWorld(t, nil)
	api := w.AppsV1().ReplicaSets(ns)
	orphan := &corev1.Pod{ObjectMeta: meta("orphan"), Spec: template("web", "nginx").Spec}
	orphan.Labels = map[string]string{"app": "web"}
	_, err := w.CoreV1().Pods(ns).Create(w.ctx, orphan, metav1.CreateOptions{})
	w.must(err)
	rs := &appsv1.ReplicaSet{ObjectMeta: meta("web"), Spec: appsv1.ReplicaSetSpec{Replicas: ptr(int32(5)), Selector: selector("web"), Template: template("web", "nginx")}}
	_, err = api.Create(w.ctx, rs, metav1.CreateOptions{})
	w.must(err)
	settled := func(n int32) {
		t.Helper()
		w.eventually("replicas are available", func() bool {
			rs, err := api.Get(w.ctx, "web", metav1.GetOptions{})
			w.must(err)
			s := rs.Status
			return s.Replicas == n && s.AvailableReplicas == n && s.ReadyReplicas == n && s.FullyLabeledReplicas == n && s.ObservedGeneration == rs.Generation
		})
	}
	settled(5)
	if pods := w.pods("app=web"); len(pods) != 5 {
		t.Fatalf("%d pods, want 5", len(pods))
	}
	adopted, err := w.CoreV1().Pods(ns).Get(w.ctx, "orphan", metav1.GetOptions{})
	w.must(err)
	if ref := metav1.GetControllerOf(adopted); ref == nil || ref.Name != "web" || ref.BlockOwnerDeletion == nil || !*ref.BlockOwnerDeletion {
		t.Errorf("the orphan was not adopted: %+v", ref)
	}
	// A pod that loses its label is let go and replaced.
	_, err = w.CoreV1().Pods(ns).Patch(w.ctx, "orphan", types.MergePatchType, []byte(`{"metadata":{"labels":{"app":"other"}}}`), metav1.PatchOptions{})
	w.must(err)
	w.eventually("the pod is let go", func() bool {
		p, err := w.CoreV1().Pods(ns).Get(w.ctx, "orphan", metav1.GetOptions{})
		w.must(err)
		return len(p.OwnerReferences) == 0
	})
	settled(5)
	w.event("ReplicaSet", "web", "SuccessfulCreate", "Created pod: web-")
	_, err = api.Patch(w.ctx, "web", types.MergePatchType, []byte(`{"spec":{"replicas":1}}`), metav1.PatchOptions{})
	w.must(err)
	settled(1)
	w.event("ReplicaSet", "web", "SuccessfulDelete", "Deleted pod: web-")
}

func TestReplicationController(t *testing.T) {
	w := newWorld(t, nil)
	api := w.CoreV1().ReplicationControllers(ns)
	pt := template("web", "nginx")
	rc := &corev1.ReplicationController{ObjectMeta: meta("web"), Spec: corev1.ReplicationControllerSpec{Replicas: ptr(int32(3)), Selector: map[string]string{"app": "web"}, Template: &pt}}
	_, err := api.Create(w.ctx, rc, metav1.CreateOptions{})
	w.must(err)
	w.eventually("replicas are available", func() bool {
		rc, err := api.Get(w.ctx, "web", metav1.GetOptions{})
		w.must(err)
		return rc.Status.AvailableReplicas == 3 && rc.Status.Replicas == 3
	})
	w.event("ReplicationController", "web", "SuccessfulCreate", "Created pod: web-")
}
