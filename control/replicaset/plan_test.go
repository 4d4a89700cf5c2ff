package replicaset

import (
	"errors"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func pod(name string, change ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": "web"}, CreationTimestamp: metav1.NewTime(now.Add(-time.Hour))}}
	for _, c := range change {
		c(p)
	}
	return p
}

func ready(since time.Duration) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Spec.NodeName, p.Status.Phase = "n1", corev1.PodRunning
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(now.Add(-since))}}
	}
}

func deleted(p *corev1.Pod)   { p.DeletionTimestamp = &metav1.Time{Time: now} }
func unlabeled(p *corev1.Pod) { p.Labels = nil }

func setOf(replicas, minReady int32) *set {
	rs := &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Name: "web", Generation: 3}}
	rs.Spec = appsv1.ReplicaSetSpec{Replicas: &replicas, MinReadySeconds: minReady}
	rs.Spec.Template.Labels = map[string]string{"app": "web"}
	return &set{rs, rs, true}
}

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		name     string
		replicas int32
		minReady int32
		pods     []*corev1.Pod
		create   int
		remove   []string
		status   counts
		after    time.Duration
	}{
		{name: "nothing to do"},
		{name: "missing pods are made", replicas: 3, pods: []*corev1.Pod{pod("a")}, create: 2, status: counts{active: 1, labeled: 1}},
		{name: "no more than a burst", replicas: 1000, create: 500},
		{name: "a pod that is being deleted is replaced, and counted by itself", replicas: 1, pods: []*corev1.Pod{pod("a", deleted)}, create: 1, status: counts{terminating: 1}},
		{name: "a pod that waits goes before one that runs", replicas: 1, pods: []*corev1.Pod{pod("a", ready(time.Minute)), pod("b")}, remove: []string{"b"},
			status: counts{active: 2, labeled: 2, ready: 1, available: 1}},
		{name: "ready is not yet available", replicas: 1, minReady: 60, pods: []*corev1.Pod{pod("a", ready(20*time.Second))}, after: 40 * time.Second,
			status: counts{active: 1, labeled: 1, ready: 1}},
		{name: "labels of the template", replicas: 2, pods: []*corev1.Pod{pod("a"), pod("b", unlabeled)}, status: counts{active: 2, labeled: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := makePlan(setOf(c.replicas, c.minReady), c.pods, c.pods, now)
			var remove []string
			for _, r := range p.remove {
				remove = append(remove, r.Name)
			}
			if p.create != c.create || fmt.Sprint(remove) != fmt.Sprint(c.remove) || p.status != c.status || p.after != c.after {
				t.Errorf("create %d remove %v status %+v after %v, want %d %v %+v %v", p.create, remove, p.status, p.after, c.create, c.remove, c.status, c.after)
			}
		})
	}
}

func TestStatusOfFailure(t *testing.T) {
	s := setOf(1, 0)
	s.Status = makeStatus(s, plan{diff: -1}, errors.New("quota"), now)
	if c := s.Status.Conditions; len(c) != 1 || c[0].Reason != "FailedCreate" || c[0].Message != "quota" || s.Status.ObservedGeneration != 3 {
		t.Errorf("after a failure: %+v", s.Status)
	}
	if got := makeStatus(s, plan{}, nil, now); got.Conditions != nil {
		t.Errorf("after it went: %+v", got.Conditions)
	}
}
