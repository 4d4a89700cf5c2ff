package workloads

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubectl/pkg/polymorphichelpers"
)

func (w *world) deployment(name string, replicas int32, change ...func(*appsv1.Deployment)) *appsv1.Deployment {
	w.Helper()
	d := &appsv1.Deployment{ObjectMeta: meta(name), Spec: appsv1.DeploymentSpec{Replicas: &replicas, Selector: selector(name), Template: template(name, "v1")}}
	for _, c := range change {
		c(d)
	}
	d, err := w.AppsV1().Deployments(ns).Create(w.ctx, d, metav1.CreateOptions{})
	w.must(err)
	return d
}

func (w *world) patchDeployment(name, patch string) {
	w.Helper()
	_, err := w.AppsV1().Deployments(ns).Patch(w.ctx, name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	w.must(err)
}

func image(v string) string {
	return fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"c","image":%q}]}}}}`, v)
}

// rolledOut asks as kubectl rollout status does.
func (w *world) rolledOut(name string) (bool, error) {
	w.Helper()
	d, err := w.AppsV1().Deployments(ns).Get(w.ctx, name, metav1.GetOptions{})
	w.must(err)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(d)
	w.must(err)
	_, done, err := (&polymorphichelpers.DeploymentStatusViewer{}).Status(unstructuredOf(content), 0)
	return done, err
}

func (w *world) rollout(name string) {
	w.Helper()
	w.eventually("the rollout of "+name, func() bool {
		done, err := w.rolledOut(name)
		w.must(err)
		return done
	})
}

func TestDeployment(t *testing.T) {
	w := newWorld(t, nil)
	w.deployment("web", 3)
	w.rollout("web")
	w.patchDeployment("web", image("v2"))
	w.rollout("web")
	for _, p := range w.pods("app=web") {
		if p.DeletionTimestamp == nil && p.Spec.Containers[0].Image != "v2" {
			t.Errorf("pod %s runs %s", p.Name, p.Spec.Containers[0].Image)
		}
	}
	d, err := w.AppsV1().Deployments(ns).Get(w.ctx, "web", metav1.GetOptions{})
	w.must(err)
	if got := d.Annotations["deployment.kubernetes.io/revision"]; got != "2" {
		t.Errorf("revision %q, want 2", got)
	}
	w.event("Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-")

	viewer, err := polymorphichelpers.HistoryViewerFor(appsv1.SchemeGroupVersion.WithKind("Deployment").GroupKind(), w)
	w.must(err)
	history, err := viewer.ViewHistory(ns, "web", 0)
	w.must(err)
	if want := "REVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n"; history != want {
		t.Errorf("history:\n%s", history)
	}
	rollbacker, err := polymorphichelpers.RollbackerFor(appsv1.SchemeGroupVersion.WithKind("Deployment").GroupKind(), w)
	w.must(err)
	_, err = rollbacker.Rollback(d, nil, 0, 0)
	w.must(err)
	w.rollout("web")
	sets, err := w.AppsV1().ReplicaSets(ns).List(w.ctx, metav1.ListOptions{})
	w.must(err)
	if len(sets.Items) != 2 {
		t.Errorf("%d replica sets, want 2", len(sets.Items))
	}
	for _, rs := range sets.Items {
		if rs.Spec.Template.Spec.Containers[0].Image == "v1" && (rs.Annotations["deployment.kubernetes.io/revision"] != "3" || rs.Annotations["deployment.kubernetes.io/revision-history"] != "1") {
			t.Errorf("after undo: %v", rs.Annotations)
		}
	}
}

func TestDeploymentThatFails(t *testing.T) {
	w := newWorld(t, nil)
	w.deployment("web", 2, func(d *appsv1.Deployment) { d.Spec.ProgressDeadlineSeconds = ptr(int32(1)) })
	w.rollout("web")
	w.patchDeployment("web", image("bad"))
	w.eventually("the deadline is exceeded", func() bool {
		_, err := w.rolledOut("web")
		return err != nil && err.Error() == `deployment "web" exceeded its progress deadline`
	})
	d, err := w.AppsV1().Deployments(ns).Get(w.ctx, "web", metav1.GetOptions{})
	w.must(err)
	if d.Status.AvailableReplicas < 2 {
		t.Errorf("only %d are available during a rollout that fails", d.Status.AvailableReplicas)
	}
}

func TestDeploymentPausedAndRecreated(t *testing.T) {
	w := newWorld(t, nil)
	w.deployment("web", 2, func(d *appsv1.Deployment) {
		d.Spec.Strategy.Type = appsv1.RecreateDeploymentStrategyType
		d.Spec.RevisionHistoryLimit = ptr(int32(1))
	})
	w.rollout("web")
	w.patchDeployment("web", `{"spec":{"paused":true}}`)
	w.patchDeployment("web", image("v2"))
	w.eventually("it says that it is paused", func() bool {
		d, err := w.AppsV1().Deployments(ns).Get(w.ctx, "web", metav1.GetOptions{})
		w.must(err)
		for _, c := range d.Status.Conditions {
			if c.Reason == "DeploymentPaused" {
				return d.Status.ObservedGeneration == d.Generation
			}
		}
		return false
	})
	if sets, err := w.AppsV1().ReplicaSets(ns).List(w.ctx, metav1.ListOptions{}); err != nil || len(sets.Items) != 1 {
		t.Errorf("%d replica sets while it is paused (%v)", len(sets.Items), err)
	}
	w.patchDeployment("web", `{"spec":{"paused":false}}`)
	w.rollout("web")
	for _, v := range []string{"v3", "v4"} {
		w.patchDeployment("web", image(v))
		w.rollout("web")
	}
	w.eventually("old versions are gone", func() bool {
		sets, err := w.AppsV1().ReplicaSets(ns).List(w.ctx, metav1.ListOptions{})
		w.must(err)
		return len(sets.Items) == 2
	})
}
