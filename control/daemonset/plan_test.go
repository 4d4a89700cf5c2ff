package daemonset

import (
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// podsOf reads "a1:a:old" (name, node, hash) with options unready, del, failed and unbound.
func podsOf(specs ...string) (out []*corev1.Pod) {
	for i, spec := range specs {
		parts := strings.Split(spec, ":")
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: parts[0], Labels: map[string]string{hashLabel: parts[2]}, CreationTimestamp: metav1.NewTime(now.Add(time.Duration(i)))}}
		p.Spec.NodeName, p.Status.Phase = parts[1], corev1.PodRunning
		ready := corev1.ConditionTrue
		for _, o := range parts[3:] {
			switch o {
			case "unready":
				ready = corev1.ConditionFalse
			case "del":
				p.DeletionTimestamp = &metav1.Time{Time: now}
			case "failed":
				p.Status.Phase, ready = corev1.PodFailed, corev1.ConditionFalse
			case "unbound":
				bound := podFor(&appsv1.DaemonSet{}, parts[2], parts[1])
				p.Spec, ready = bound.Spec, corev1.ConditionFalse
			}
		}
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: ready, LastTransitionTime: metav1.NewTime(now.Add(-time.Minute))}}
		out = append(out, p)
	}
	return out
}

func TestPlan(t *testing.T) {
	node := func(name string, taints ...corev1.Taint) *corev1.Node {
		return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"disk": name}}, Spec: corev1.NodeSpec{Taints: taints}}
	}
	taint := func(key string, e corev1.TaintEffect) corev1.Taint { return corev1.Taint{Key: key, Effect: e} }
	update := func(surge, unavailable int32) func(*appsv1.DaemonSet) {
		return func(ds *appsv1.DaemonSet) {
			ds.Spec.UpdateStrategy = appsv1.DaemonSetUpdateStrategy{Type: appsv1.RollingUpdateDaemonSetStrategyType, RollingUpdate: &appsv1.RollingUpdateDaemonSet{
				MaxSurge: ptr(intstr.FromInt32(surge)), MaxUnavailable: ptr(intstr.FromInt32(unavailable))}}
		}
	}
	abc := []*corev1.Node{node("a"), node("b"), node("c")}
	for _, c := range []struct {
		name                  string
		change                func(*appsv1.DaemonSet)
		nodes                 []*corev1.Node
		pods                  []string
		create, remove, ended string
		status                string // desired, current, misscheduled, ready, updated
	}{
		{name: "a pod for every node", nodes: abc, pods: []string{"b1:b:new"}, create: "a c", status: "3 1 0 1 1"},
		{name: "one is on its way", nodes: abc[:1], pods: []string{"a1:a:new:unbound"}, status: "1 1 0 0 1"},
		{name: "taints that daemons tolerate, and one they do not", nodes: []*corev1.Node{
			node("a", taint(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)), node("b", taint(corev1.TaintNodeNotReady, corev1.TaintEffectNoExecute)),
			node("c", taint("mine", corev1.TaintEffectNoSchedule)),
		}, create: "a b", status: "2 0 0 0 0"},
		{name: "what is there may stay, or not", nodes: []*corev1.Node{node("a", taint("mine", corev1.TaintEffectNoSchedule)), node("b", taint("mine", corev1.TaintEffectNoExecute))},
			pods: []string{"a1:a:new", "b1:b:new"}, remove: "b1", status: "0 0 2 0 0"},
		{name: "a selector", change: func(ds *appsv1.DaemonSet) { ds.Spec.Template.Spec.NodeSelector = map[string]string{"disk": "b"} }, nodes: abc, pods: []string{"c1:c:new"}, create: "b", remove: "c1", status: "1 0 1 0 0"},
		{name: "two on a node: the older stays", nodes: abc[:1], pods: []string{"a1:a:new", "a2:a:new"}, remove: "a2", status: "1 1 0 1 1"},
		{name: "its node is gone", nodes: abc[:1], pods: []string{"a1:a:new", "z1:z:new:unbound"}, remove: "z1", status: "1 1 0 1 1"},
		{name: "it failed", nodes: abc[:1], pods: []string{"a1:a:new:failed"}, ended: "a1", status: "1 1 0 0 1"},
		{name: "an update, one at a time", change: update(0, 1), nodes: abc, pods: []string{"a1:a:old", "b1:b:old", "c1:c:old"}, remove: "a1", status: "3 3 0 3 0"},
		{name: "those that do not work first, and only they", change: update(0, 1), nodes: abc, pods: []string{"a1:a:old", "b1:b:old:unready", "c1:c:old"}, remove: "b1", status: "3 3 0 2 0"},
		{name: "it waits for the new one", change: update(0, 1), nodes: abc, pods: []string{"a1:a:new:unready", "b1:b:old", "c1:c:old"}, status: "3 3 0 2 1"},
		{name: "an update that surges", change: update(1, 0), nodes: abc, pods: []string{"a1:a:old", "b1:b:old", "c1:c:old"}, create: "a", status: "3 3 0 3 0"},
		{name: "two on a node until the new one works", change: update(1, 0), nodes: abc, pods: []string{"a1:a:old", "a2:a:new:unready", "b1:b:old", "c1:c:old"}, status: "3 3 0 3 0"},
		{name: "it works: the old one goes", change: update(1, 0), nodes: abc, pods: []string{"a1:a:old", "a2:a:new", "b1:b:old", "c1:c:old"}, create: "b", remove: "a1", status: "3 3 0 3 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds := &appsv1.DaemonSet{}
			ds.Spec.UpdateStrategy.Type = appsv1.OnDeleteDaemonSetStrategyType
			if c.change != nil {
				c.change(ds)
			}
			p := makePlan(ds, "new", c.nodes, podsOf(c.pods...), now)
			names := func(pods []*corev1.Pod) string {
				var out []string
				for _, pod := range pods {
					out = append(out, pod.Name)
				}
				return strings.Join(out, " ")
			}
			s := p.status
			got := fmt.Sprintf("create %s remove %s ended %s status %d %d %d %d %d", strings.Join(p.create, " "), names(p.remove), names(p.ended),
				s.DesiredNumberScheduled, s.CurrentNumberScheduled, s.NumberMisscheduled, s.NumberReady, s.UpdatedNumberScheduled)
			want := fmt.Sprintf("create %s remove %s ended %s status %s", c.create, c.remove, c.ended, c.status)
			if got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}
