package autoscaler

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func pod(name string, ready bool, started time.Duration) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}}
	p.Status.Phase, p.Status.StartTime = corev1.PodRunning, &metav1.Time{Time: now.Add(-started)}
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: status, LastTransitionTime: metav1.NewTime(now.Add(-started))}}
	return p
}

func TestReplicas(t *testing.T) {
	const percentOfRequest, none = 500, -1
	for _, c := range []struct {
		name    string
		use     []int64 // of each pod in thousandths; none for no sample
		unready int     // of them, the last
		want    int64   // percent
		n       int32
		percent int32
	}{
		{name: "twice as much as wanted", use: []int64{500, 500}, want: 50, n: 4, percent: 100},
		{name: "within tolerance", use: []int64{270, 270}, want: 50, n: 2, percent: 54},
		{name: "half", use: []int64{100, 100, 100, 100}, want: 40, n: 2, percent: 20},
		{name: "going up, a pod without a sample uses nothing", use: []int64{500, 500, none}, want: 50, n: 4, percent: 100},
		{name: "going down, a pod without a sample uses all of its request", use: []int64{50, 50, none}, want: 50, n: 3, percent: 10},
		{name: "going up, a pod that starts uses nothing", use: []int64{1000, 1000, 900}, unready: 1, want: 50, n: 8, percent: 200},
		{name: "what is unknown might turn it around", use: []int64{300, none, none}, want: 50, n: 3, percent: 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, requests := samples{}, map[string]int64{}
			var all []*corev1.Pod
			for i, v := range c.use {
				name := fmt.Sprint("p", i)
				all = append(all, pod(name, i < len(c.use)-c.unready, time.Hour))
				if i >= len(c.use)-c.unready {
					all[i].Status.StartTime = &metav1.Time{Time: now.Add(-time.Minute)}
				}
				requests[name] = percentOfRequest
				if v != none {
					have[name] = sample{v, now, time.Minute}
				}
			}
			d := demand{current: int32(len(all)), want: c.want, requests: requests, tol: tolerance{0.1, 0.1}}
			n, _, percent, err := d.replicas(sortPods(all, have, corev1.ResourceCPU, now), have)
			if err != nil || n != c.n || percent != c.percent {
				t.Errorf("%d replicas at %d%% (%v), want %d at %d%%", n, percent, err, c.n, c.percent)
			}
		})
	}
}
