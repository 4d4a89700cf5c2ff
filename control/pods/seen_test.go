package pods

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

func TestLedger(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	store := cache.NewIndexer(cache.MetaNamespaceKeyFunc, nil)
	l := NewLedger(store)
	owner := types.NamespacedName{Namespace: "ns", Name: "web"}
	pod := func(name, version string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name, UID: types.UID(name), ResourceVersion: version}}
	}
	check := func(when string, want bool) {
		t.Helper()
		if got := l.Settled(owner, now); got != want {
			t.Errorf("%s: settled %v", when, got)
		}
	}
	check("before anything", true)
	l.Wrote(owner, pod("a", "10"), now)
	check("a pod was made that the store has not seen", false)
	store.Add(pod("z", "9")) //nolint:errcheck // keys are fine
	check("the store has seen something older", false)
	store.Add(pod("a", "10")) //nolint:errcheck
	check("the store has seen it", true)
	l.Deleted(owner, pod("a", "10"), now)
	check("the pod was deleted and is still there", false)
	store.Delete(pod("a", "12")) //nolint:errcheck
	check("it is gone", true)
	l.Wrote(owner, pod("b", "99"), now)
	check("it never comes", false)
	now = now.Add(forgive + 1)
	check("much later", true)
}
