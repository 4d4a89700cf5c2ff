package subresource

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func running(ready bool) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Labels = map[string]string{"app": "a"}
		p.Status.Phase = corev1.PodRunning
		if ready {
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
		}
	}
}

func testBudget(name string, change func(*policyv1.PodDisruptionBudget)) *policyv1.PodDisruptionBudget {
	b := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "ns", Generation: 1}}
	b.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "a"}}
	b.Status = policyv1.PodDisruptionBudgetStatus{ObservedGeneration: 1, CurrentHealthy: 2, DesiredHealthy: 1, ExpectedPods: 2}
	if change != nil {
		change(b)
	}
	return b
}

func TestEviction(t *testing.T) {
	const denied = "Cannot evict pod as it would violate the pod's disruption budget."
	always := policyv1.AlwaysAllow
	deleted := metav1.NewTime(testNow)
	allows := func(n int32) func(*policyv1.PodDisruptionBudget) {
		return func(b *policyv1.PodDisruptionBudget) { b.Status.DisruptionsAllowed = n }
	}
	tests := []struct {
		name    string
		pod     *corev1.Pod
		budgets []*policyv1.PodDisruptionBudget
		options *metav1.DeleteOptions
		code    int
		message string
		cause   string
		left    int32 // of the first budget
	}{
		{name: "no budget", pod: testPod("a", running(true)), code: 201},
		{name: "pending", pod: testPod("a", func(p *corev1.Pod) { running(true)(p); p.Status.Phase = corev1.PodPending }), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", nil)}, code: 201},
		{name: "terminating", pod: testPod("a", func(p *corev1.Pod) { running(true)(p); p.DeletionTimestamp = &deleted }), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", nil)}, code: 201},
		{name: "spends", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", allows(3))}, code: 201, left: 2},
		{name: "selector of nobody", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", func(b *policyv1.PodDisruptionBudget) { b.Spec.Selector = nil })}, code: 201},
		{name: "selector of all", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", func(b *policyv1.PodDisruptionBudget) { b.Spec.Selector = &metav1.LabelSelector{} })}, code: 429,
			message: denied, cause: "The disruption budget b does not allow evicting pods currently"},
		{name: "nothing left", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", nil)}, code: 429,
			message: denied, cause: "The disruption budget b does not allow evicting pods currently"},
		{name: "too few healthy", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", func(b *policyv1.PodDisruptionBudget) { b.Status.DesiredHealthy = 2 })}, code: 429,
			message: denied, cause: "The disruption budget b needs 2 healthy pods and has 2 currently"},
		{name: "failed sync", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", func(b *policyv1.PodDisruptionBudget) {
			b.Status.Conditions = []metav1.Condition{{Type: policyv1.DisruptionAllowedCondition, Status: metav1.ConditionFalse, Reason: policyv1.SyncFailedReason, Message: "why"}}
		})}, code: 429, message: denied, cause: "The disruption budget b does not allow evicting pods currently because it failed sync: why"},
		{name: "not observed", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", func(b *policyv1.PodDisruptionBudget) { b.Generation = 2; b.Status.DisruptionsAllowed = 1 })}, code: 429,
			message: denied, cause: "The disruption budget b is still being processed by the server.", left: 1},
		{name: "negative", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", allows(-1))}, code: 403,
			message: `poddisruptionbudget.policy "b" is forbidden: pdb disruptions allowed is negative`, left: -1},
		{name: "two budgets", pod: testPod("a", running(true)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", nil), testBudget("c", nil)}, code: 500,
			message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."},
		{name: "unready while enough are healthy", pod: testPod("a", running(false)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", nil)}, code: 201},
		{name: "unready while too few are", pod: testPod("a", running(false)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", func(b *policyv1.PodDisruptionBudget) { b.Status.DesiredHealthy = 3 })}, code: 429,
			message: denied, cause: "The disruption budget b needs 3 healthy pods and has 2 currently"},
		{name: "unready always", pod: testPod("a", running(false)), budgets: []*policyv1.PodDisruptionBudget{testBudget("b", func(b *policyv1.PodDisruptionBudget) {
			b.Status.DesiredHealthy = 3
			b.Spec.UnhealthyPodEvictionPolicy = &always
		})}, code: 201},
		{name: "odd options", pod: testPod("a", running(true)), options: &metav1.DeleteOptions{PropagationPolicy: ptr(metav1.DeletionPropagation("Odd"))}, code: 422,
			message: `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Odd": supported values: "Foreground", "Background", "Orphan", "nil"`},
		{name: "precondition", pod: testPod("a", running(true)), options: &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: ptr(types.UID("other"))}}, code: 409,
			message: `Operation cannot be fulfilled on Pod "a": the UID in the precondition (other) does not match the UID in record (uid-a). The object might have been deleted and then recreated`},
	}
	for _, dry := range []bool{false, true} {
		for _, tc := range tests {
			t.Run(tc.name, func(t *testing.T) {
				if dry && tc.options != nil {
					return // preconditions of a dry run are the deleter's
				}
				m := newMemory(tc.pod.DeepCopy())
				for _, b := range tc.budgets {
					m.put(b.DeepCopy())
				}
				before := m.revision
				h := Handlers(Config{Reader: m, Writer: m, Deleter: m, Now: testClock})["pods/eviction"]
				c := call("a", &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "a"}, DeleteOptions: tc.options})
				c.DryRun = dry
				err := createErr(h, c)
				if code, message := statusOf(err); code != tc.code || message != tc.message {
					t.Fatalf("got %d %s\nwant %d %s", code, message, tc.code, tc.message)
				}
				if tc.cause != "" && err.(apierrors.APIStatus).Status().Details.Causes[0].Message != tc.cause {
					t.Errorf("cause %q, want %q", err.(apierrors.APIStatus).Status().Details.Causes[0].Message, tc.cause)
				}
				_, there := m.objects["pods/ns/a"]
				if gone := !there; gone != (tc.code == 201 && !dry) {
					t.Errorf("pod gone: %v", gone)
				}
				if dry && m.revision != before {
					t.Error("a dry run wrote")
				}
				if !dry && len(tc.budgets) > 0 {
					if b := m.objects["poddisruptionbudgets/ns/b"].(*policyv1.PodDisruptionBudget); b.Status.DisruptionsAllowed != tc.left {
						t.Errorf("disruptions left %d, want %d", b.Status.DisruptionsAllowed, tc.left)
					}
				}
			})
		}
	}
}

func TestEvictionOfTheLast(t *testing.T) {
	m := newMemory(testPod("a", running(true)), testBudget("b", func(b *policyv1.PodDisruptionBudget) { b.Status.DisruptionsAllowed = 1 }))
	h := Handlers(Config{Reader: m, Writer: m, Deleter: m, Now: testClock})["pods/eviction"]
	if err := createErr(h, call("a", &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "a"}})); err != nil {
		t.Fatal(err)
	}
	s := m.objects["poddisruptionbudgets/ns/b"].(*policyv1.PodDisruptionBudget).Status
	if len(s.DisruptedPods) != 1 || len(s.Conditions) != 1 || s.Conditions[0].Reason != policyv1.InsufficientPodsReason || s.Conditions[0].ObservedGeneration != 1 {
		t.Errorf("status %+v", s)
	}
}

// A pod that becomes ready between the look and the deletion was not evicted for being unready.
func TestEvictionRaces(t *testing.T) {
	m := newMemory(testPod("a", running(false)), testBudget("b", nil))
	m.onGet["pods/ns/a"] = func() { m.put(testPod("a", running(true))) }
	h := Handlers(Config{Reader: m, Writer: m, Deleter: m, Now: testClock})["pods/eviction"]
	if code, _ := statusOf(createErr(h, call("a", &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "a"}}))); code != 429 {
		t.Errorf("unready pod became ready: %d, want 429", code)
	}
	pending := func(p *corev1.Pod) { running(false)(p); p.Status.Phase = corev1.PodPending }
	m = newMemory(testPod("a", pending), testBudget("b", nil))
	m.onGet["pods/ns/a"] = func() { m.put(testPod("a", pending)) }
	h = Handlers(Config{Reader: m, Writer: m, Deleter: m, Now: testClock})["pods/eviction"]
	if code, msg := statusOf(createErr(h, call("a", &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "a"}}))); code != 201 {
		t.Errorf("pending pod changed: %d %s, want another try", code, msg)
	}
}

func ptr[T any](v T) *T { return &v }
