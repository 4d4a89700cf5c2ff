package workloads

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubectl/pkg/polymorphichelpers"
)

func (w *world) node(name string, taints ...corev1.Taint) {
	w.Helper()
	node, err := w.CoreV1().Nodes().Create(w.ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/hostname": name}}}, metav1.CreateOptions{})
	w.must(err)
	node.Spec.Taints = taints // a new node is tainted as not ready
	_, err = w.CoreV1().Nodes().Update(w.ctx, node, metav1.UpdateOptions{})
	w.must(err)
}

func (w *world) undo(kind string, obj runtime.Object) {
	w.Helper()
	r, err := polymorphichelpers.RollbackerFor(appsv1.SchemeGroupVersion.WithKind(kind).GroupKind(), w)
	w.must(err)
	_, err = r.Rollback(obj, nil, 0, 0)
	w.must(err)
}

func TestDaemonSet(t *testing.T) {
	w := newWorld(t, nil)
	w.node("a")
	w.node("b")
	w.node("c", corev1.Taint{Key: "dedicated", Value: "x", Effect: corev1.TaintEffectNoSchedule})
	api := w.AppsV1().DaemonSets(ns)
	ds := &appsv1.DaemonSet{ObjectMeta: meta("agent"), Spec: appsv1.DaemonSetSpec{Selector: selector("agent"), Template: template("agent", "v1")}}
	_, err := api.Create(w.ctx, ds, metav1.CreateOptions{})
	w.must(err)
	settled := func(n int32, image string) *appsv1.DaemonSet {
		t.Helper()
		var out *appsv1.DaemonSet
		w.eventually("daemons of "+image, func() bool {
			ds, err := api.Get(w.ctx, "agent", metav1.GetOptions{})
			w.must(err)
			out = ds
			s := ds.Status
			if s.ObservedGeneration != ds.Generation || s.DesiredNumberScheduled != n || s.UpdatedNumberScheduled != n || s.NumberAvailable != n || s.NumberUnavailable != 0 {
				return false
			}
			pods := w.pods("app=agent")
			for _, p := range pods {
				if p.Spec.Containers[0].Image != image || p.Labels["controller-revision-hash"] == "" || p.Labels["pod-template-generation"] == "" {
					return false
				}
			}
			return len(pods) == int(n)
		})
		return out
	}
	settled(2, "v1")
	w.node("d")
	settled(3, "v1")
	_, err = api.Patch(w.ctx, "agent", types.StrategicMergePatchType, []byte(image("v2")), metav1.PatchOptions{})
	w.must(err)
	ds = settled(3, "v2")
	w.undo("DaemonSet", ds)
	settled(3, "v1")
	revisions, err := w.AppsV1().ControllerRevisions(ns).List(w.ctx, metav1.ListOptions{})
	w.must(err)
	if len(revisions.Items) != 2 {
		t.Errorf("%d revisions, want 2", len(revisions.Items))
	}
	_, err = api.Patch(w.ctx, "agent", types.MergePatchType, []byte(`{"spec":{"updateStrategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}}`), metav1.PatchOptions{})
	w.must(err)
	_, err = api.Patch(w.ctx, "agent", types.StrategicMergePatchType, []byte(image("v3")), metav1.PatchOptions{})
	w.must(err)
	settled(3, "v3")
	w.event("DaemonSet", "agent", "SuccessfulCreate", "Created pod: agent-")
}
