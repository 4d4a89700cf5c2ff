package workloads

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random operations; 0 for one by the time")

// TestRandomOperations scales, rolls, deletes and relabels at random. At no moment has a replica set more
// pods than it may, and in the end there are as many as declared, and nothing else.
func TestRandomOperations(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t, nil)
	const most = 12
	watchPods(w, most)
	rs := &appsv1.ReplicaSet{ObjectMeta: meta("set"), Spec: appsv1.ReplicaSetSpec{Replicas: ptr(int32(3)), Selector: selector("set"), Template: template("set", "v1")}}
	_, err := w.AppsV1().ReplicaSets(ns).Create(w.ctx, rs, metav1.CreateOptions{})
	w.must(err)
	w.deployment("web", 3)
	for range 60 {
		n := r.Int32N(most)
		switch r.IntN(6) {
		case 0, 1:
			_, err = w.AppsV1().ReplicaSets(ns).Patch(w.ctx, "set", types.MergePatchType, fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, n), metav1.PatchOptions{})
		case 2:
			w.patchDeployment("web", fmt.Sprintf(`{"spec":{"replicas":%d}}`, n))
		case 3:
			w.patchDeployment("web", image(fmt.Sprint("v", n%4)))
		case 4:
			if pods := w.pods(""); len(pods) > 0 {
				err = w.CoreV1().Pods(ns).Delete(w.ctx, pods[r.IntN(len(pods))].Name, *metav1.NewDeleteOptions(0))
			}
		case 5:
			if pods := w.pods("app=set"); len(pods) > 0 {
				_, err = w.CoreV1().Pods(ns).Patch(w.ctx, pods[r.IntN(len(pods))].Name, types.MergePatchType, []byte(`{"metadata":{"labels":{"app":"let-go"}}}`), metav1.PatchOptions{})
			}
		}
		if err != nil && !apierrors.IsNotFound(err) {
			w.must(err)
		}
		time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
	}
	_, err = w.AppsV1().ReplicaSets(ns).Patch(w.ctx, "set", types.MergePatchType, []byte(`{"spec":{"replicas":4}}`), metav1.PatchOptions{})
	w.must(err)
	w.patchDeployment("web", `{"spec":{"replicas":5}}`)
	w.patchDeployment("web", image("final"))
	w.rollout("web")
	w.eventually("the set has its pods", func() bool {
		rs, err := w.AppsV1().ReplicaSets(ns).Get(w.ctx, "set", metav1.GetOptions{})
		w.must(err)
		return rs.Status.AvailableReplicas == 4 && rs.Status.Replicas == 4 && len(w.pods("app=set")) == 4 && len(w.pods("app=web")) == 5
	})
	for _, p := range w.pods("app=let-go") {
		if len(p.OwnerReferences) > 0 {
			t.Errorf("pod %s was relabeled and is owned", p.Name)
		}
	}
}

// watchPods fails the test when a replica set ever has more living pods than the most it was ever told.
func watchPods(w *world, most int) {
	watcher, err := w.CoreV1().Pods(ns).Watch(w.ctx, metav1.ListOptions{})
	w.must(err)
	alive := map[types.UID]map[types.UID]bool{}
	done := make(chan struct{})
	w.Cleanup(func() { watcher.Stop(); <-done })
	go func() {
		defer close(done)
		for e := range watcher.ResultChan() {
			p, ok := e.Object.(*corev1.Pod)
			if !ok {
				continue
			}
			ref := metav1.GetControllerOf(p)
			if ref == nil {
				for _, of := range alive {
					delete(of, p.UID)
				}
				continue
			}
			if alive[ref.UID] == nil {
				alive[ref.UID] = map[types.UID]bool{}
			}
			if e.Type == watch.Deleted || p.DeletionTimestamp != nil {
				delete(alive[ref.UID], p.UID)
				continue
			}
			alive[ref.UID][p.UID] = true
			if n := len(alive[ref.UID]); n > most {
				w.Errorf("%s has %d pods", ref.Name, n)
			}
		}
	}()
}
