package subresource

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestBinding(t *testing.T) {
	base := func(change func(*corev1.Binding)) *corev1.Binding {
		b := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Target: corev1.ObjectReference{Kind: "Node", Name: "n1"}}
		if change != nil {
			change(b)
		}
		return b
	}
	deleted := metav1.NewTime(testNow)
	tests := []struct {
		name    string
		pod     *corev1.Pod
		binding *corev1.Binding
		url     string
		code    int
		message string
	}{
		{name: "binds", pod: testPod("a"), binding: base(nil), code: 201},
		{name: "empty kind", pod: testPod("a"), binding: base(func(b *corev1.Binding) { b.Target.Kind = "" }), code: 201},
		{name: "odd kind", pod: testPod("a"), binding: base(func(b *corev1.Binding) { b.Target.Kind = "Odd" }), code: 500,
			message: `target.kind: Unsupported value: "Odd": supported values: "Node", "<empty>"`},
		{name: "no target", pod: testPod("a"), binding: base(func(b *corev1.Binding) { b.Target.Name = "" }), code: 500, message: "target.name: Required value"},
		{name: "other name", pod: testPod("a"), binding: base(nil), url: "b", code: 400, message: "name in URL does not match name in Binding object"},
		{name: "no pod", binding: base(nil), code: 404, message: `pods "a" not found`},
		{name: "bound", pod: testPod("a", func(p *corev1.Pod) { p.Spec.NodeName = "n0" }), binding: base(nil), code: 409,
			message: `Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n0"`},
		{name: "terminating", pod: testPod("a", func(p *corev1.Pod) { p.DeletionTimestamp = &deleted }), binding: base(nil), code: 409,
			message: `Operation cannot be fulfilled on pods/binding "a": pod a is being deleted, cannot be assigned to a host`},
		{name: "gated", pod: testPod("a", func(p *corev1.Pod) { p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "g"}} }), binding: base(nil), code: 409,
			message: `Operation cannot be fulfilled on pods/binding "a": pod a has non-empty .spec.schedulingGates`},
		{name: "uid", pod: testPod("a"), binding: base(func(b *corev1.Binding) { b.UID = "other" }), code: 409,
			message: `Operation cannot be fulfilled on pods "a": StorageError: invalid object, Code: 4, Key: /registry/pods/ns/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: uid-a`},
		{name: "version", pod: testPod("a"), binding: base(func(b *corev1.Binding) { b.ResourceVersion = "77" }), code: 409,
			message: `Operation cannot be fulfilled on pods "a": StorageError: invalid object, Code: 4, Key: /registry/pods/ns/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ResourceVersion in precondition: 77, ResourceVersion in object meta: 1`},
	}
	for _, dry := range []bool{false, true} {
		for _, tc := range tests {
			t.Run(tc.name, func(t *testing.T) {
				m := newMemory()
				if tc.pod != nil {
					m.put(tc.pod.DeepCopy())
				}
				h := Handlers(Config{Reader: m, Writer: m, Deleter: m, Now: testClock})["pods/binding"]
				url := tc.url
				if url == "" {
					url = "a"
				}
				c := call(url, tc.binding.DeepCopy())
				c.DryRun = dry
				_, err := h.Create(context.Background(), c)
				if code, message := statusOf(err); code != tc.code || message != tc.message {
					t.Fatalf("got %d %s\nwant %d %s", code, message, tc.code, tc.message)
				}
				if dry && m.revision > 1 {
					t.Error("a dry run wrote")
				}
			})
		}
	}
}

func TestBindingSets(t *testing.T) {
	m := newMemory(testPod("a", func(p *corev1.Pod) {
		p.Labels = map[string]string{"zone": "mine"}
		p.Annotations = map[string]string{"z": "1"}
		p.Status.NominatedNodeName = "n9"
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable"}}
	}))
	h := Handlers(Config{Reader: m, Writer: m, Deleter: m, Now: testClock})["bindings"]
	b := &corev1.Binding{Target: corev1.ObjectReference{Name: "n1"}}
	if code, msg := statusOf(createErr(h, call("", b))); code != 400 || msg != "Name parameter required." {
		t.Errorf("without a name: %d %s", code, msg)
	}
	b.Name, b.Labels, b.Annotations = "a", map[string]string{"zone": "z1", "x": "1"}, map[string]string{"z": "2"}
	if err := createErr(h, call("", b)); err != nil {
		t.Fatal(err)
	}
	p := m.objects["pods/ns/a"].(*corev1.Pod)
	c := p.Status.Conditions[0]
	if p.Spec.NodeName != "n1" || p.Status.NominatedNodeName != "" || p.Labels["zone"] != "mine" || p.Labels["x"] != "1" || p.Annotations["z"] != "2" ||
		c.Status != corev1.ConditionTrue || c.Reason != "" || !c.LastTransitionTime.Time.Equal(testNow) {
		t.Errorf("pod after binding: %+v", p)
	}
}

func createErr(h *Handler, c *Call) error {
	_, err := h.Create(context.Background(), c)
	return err
}
