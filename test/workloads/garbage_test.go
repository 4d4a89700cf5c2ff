package workloads

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func (w *world) configMap(name string, owners ...metav1.OwnerReference) metav1.OwnerReference {
	w.Helper()
	cm := &corev1.ConfigMap{ObjectMeta: meta(name)}
	cm.OwnerReferences = owners
	cm, err := w.CoreV1().ConfigMaps(ns).Create(w.ctx, cm, metav1.CreateOptions{})
	w.must(err)
	return metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: name, UID: cm.UID}
}

func (w *world) deleteMap(name string, policy metav1.DeletionPropagation) {
	w.Helper()
	w.must(w.CoreV1().ConfigMaps(ns).Delete(w.ctx, name, metav1.DeleteOptions{PropagationPolicy: &policy}))
}

func (w *world) goneMap(name string) bool {
	w.Helper()
	_, err := w.CoreV1().ConfigMaps(ns).Get(w.ctx, name, metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		w.must(err)
	}
	return err != nil
}

func (w *world) gone(names ...string) {
	w.Helper()
	for _, name := range names {
		w.eventually(name+" is gone", func() bool { return w.goneMap(name) })
	}
}

func TestGarbage(t *testing.T) {
	w := newWorld(t, nil)
	t.Run("in the background, through generations", func(t *testing.T) {
		a := w.configMap("a")
		b := w.configMap("b", a)
		w.configMap("c", b)
		w.deleteMap("a", metav1.DeletePropagationBackground)
		w.gone("a", "b", "c")
	})
	t.Run("in the foreground what blocks goes first", func(t *testing.T) {
		a := w.configMap("a")
		a.BlockOwnerDeletion = ptr(true)
		b := w.configMap("b", a)
		b.BlockOwnerDeletion = ptr(true)
		w.configMap("c", b)
		// Somebody holds c: neither b nor a may go before it.
		_, err := w.CoreV1().ConfigMaps(ns).Patch(w.ctx, "c", types.MergePatchType, []byte(`{"metadata":{"finalizers":["example.com/held"]}}`), metav1.PatchOptions{})
		w.must(err)
		w.deleteMap("a", metav1.DeletePropagationForeground)
		w.eventually("c is being deleted", func() bool {
			c, err := w.CoreV1().ConfigMaps(ns).Get(w.ctx, "c", metav1.GetOptions{})
			w.must(err)
			return c.DeletionTimestamp != nil
		})
		if w.goneMap("a") || w.goneMap("b") {
			t.Error("an owner went before what it owns")
		}
		_, err = w.CoreV1().ConfigMaps(ns).Patch(w.ctx, "c", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
		w.must(err)
		w.gone("c", "b", "a")
	})
	t.Run("orphans stay", func(t *testing.T) {
		a := w.configMap("a")
		w.configMap("b", a)
		w.deleteMap("a", metav1.DeletePropagationOrphan)
		w.gone("a")
		b, err := w.CoreV1().ConfigMaps(ns).Get(w.ctx, "b", metav1.GetOptions{})
		w.must(err)
		if len(b.OwnerReferences) != 0 {
			t.Errorf("b still names its owner: %v", b.OwnerReferences)
		}
		w.deleteMap("b", metav1.DeletePropagationBackground)
	})
	t.Run("of two owners one is enough", func(t *testing.T) {
		a, b := w.configMap("a"), w.configMap("b")
		w.configMap("c", a, b)
		w.deleteMap("a", metav1.DeletePropagationBackground)
		w.eventually("c names b alone", func() bool {
			c, err := w.CoreV1().ConfigMaps(ns).Get(w.ctx, "c", metav1.GetOptions{})
			w.must(err)
			return len(c.OwnerReferences) == 1 && c.OwnerReferences[0].Name == "b"
		})
		w.deleteMap("b", metav1.DeletePropagationBackground)
		w.gone("c")
	})
	t.Run("an owner that never was", func(t *testing.T) {
		w.configMap("a", metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: "nobody", UID: "1234"})
		w.gone("a")
	})
	t.Run("a circle", func(t *testing.T) {
		a := w.configMap("a")
		a.BlockOwnerDeletion = ptr(true)
		b := w.configMap("b", a)
		_, err := w.CoreV1().ConfigMaps(ns).Patch(w.ctx, "a", types.MergePatchType,
			fmt.Appendf(nil, `{"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"b","uid":%q,"blockOwnerDeletion":true}]}}`, b.UID), metav1.PatchOptions{})
		w.must(err)
		w.deleteMap("a", metav1.DeletePropagationForeground)
		w.gone("a", "b")
	})
	t.Run("an owner in another namespace", func(t *testing.T) {
		cm, err := w.CoreV1().ConfigMaps("kube-system").Create(w.ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "far"}}, metav1.CreateOptions{})
		w.must(err)
		w.configMap("a", metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: "far", UID: cm.UID})
		w.event("ConfigMap", "a", "OwnerRefInvalidNamespace", fmt.Sprintf(`ownerRef [v1/ConfigMap, namespace: default, name: far, uid: %s] does not exist in namespace "default"`, cm.UID))
		w.gone("a")
	})
}

func TestDeletedDeployments(t *testing.T) {
	for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground, metav1.DeletePropagationOrphan} {
		t.Run(string(policy), func(t *testing.T) {
			w := newWorld(t, nil)
			w.deployment("web", 3)
			w.rollout("web")
			w.must(w.AppsV1().Deployments(ns).Delete(w.ctx, "web", metav1.DeleteOptions{PropagationPolicy: &policy}))
			w.eventually("the deployment is gone", func() bool {
				_, err := w.AppsV1().Deployments(ns).Get(w.ctx, "web", metav1.GetOptions{})
				return apierrors.IsNotFound(err)
			})
			if policy == metav1.DeletePropagationOrphan {
				sets, err := w.AppsV1().ReplicaSets(ns).List(w.ctx, metav1.ListOptions{})
				w.must(err)
				if len(sets.Items) != 1 || len(sets.Items[0].OwnerReferences) != 0 || len(w.pods("app=web")) != 3 {
					t.Errorf("what was orphaned is not as it was: %v", sets.Items)
				}
				return
			}
			if policy == metav1.DeletePropagationForeground && len(w.pods("app=web")) > 0 {
				t.Error("the deployment went before its pods")
			}
			w.eventually("the pods are gone", func() bool { return len(w.pods("app=web")) == 0 })
		})
	}
}
