package pods

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestSortForDeletion(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	make := func(name, node string, phase corev1.PodPhase, ready time.Duration, change ...func(*corev1.Pod)) *corev1.Pod {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(now.Add(-time.Hour))}}
		p.Spec.NodeName, p.Status.Phase = node, phase
		if ready > 0 {
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(now.Add(-ready))}}
		}
		for _, c := range change {
			c(p)
		}
		return p
	}
	dear := func(p *corev1.Pod) { p.Annotations = map[string]string{DeletionCost: "10"} }
	restarted := func(p *corev1.Pod) { p.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: 4}} }
	want := []*corev1.Pod{
		make("not-on-a-node", "", corev1.PodPending, 0),
		make("pending", "a", corev1.PodPending, 0),
		make("unknown", "a", corev1.PodUnknown, 0),
		make("not-ready", "a", corev1.PodRunning, 0),
		make("two-on-a-node-young", "a", corev1.PodRunning, time.Second),
		make("two-on-a-node-restarted", "a", corev1.PodRunning, time.Hour, restarted),
		make("two-on-a-node", "a", corev1.PodRunning, time.Hour),
		make("alone", "b", corev1.PodRunning, time.Second),
		make("dear", "a", corev1.PodRunning, time.Second, dear),
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	SortForDeletion(got, got, now)
	if a, b := names(got), names(want); a != b {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

func names(pods []*corev1.Pod) string {
	var out []string
	for _, p := range pods {
		out = append(out, p.Name)
	}
	return strings.Join(out, " ")
}

func TestSlowStart(t *testing.T) {
	calls := 0
	ok, err := SlowStart(100, func(i int) error {
		if i >= 1 {
			return errTest
		}
		calls++
		return nil
	})
	if ok != 1 || err != errTest || calls != 1 { // 1, then a batch of two that fails
		t.Errorf("%d succeeded, %v", ok, err)
	}
	if ok, err := SlowStart(11, func(int) error { return nil }); ok != 11 || err != nil {
		t.Errorf("%d succeeded, %v", ok, err)
	}
}

type testError string

func (e testError) Error() string { return string(e) }

const errTest = testError("no")
