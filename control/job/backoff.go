package job

import (
	"cmp"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/control/pods"
)

// Back-off between pods that fail.
const (
	firstBackoff = 10 * time.Second
	lastBackoff  = 10 * time.Minute
)

// streak is how a job's pods have failed since one last succeeded.
type streak struct {
	failures int
	last     time.Time
}

// with adds pods that have just ended, in the order in which they did.
func (r streak) with(ended []*corev1.Pod) streak {
	ended = slices.Clone(ended)
	slices.SortStableFunc(ended, func(a, b *corev1.Pod) int { return endedAt(a).Compare(endedAt(b)) })
	for _, p := range ended {
		if p.Status.Phase == corev1.PodSucceeded {
			r = streak{}
			continue
		}
		r.failures++
		r.last = endedAt(p)
	}
	return r
}

// wait is how long no pod is made.
func (r streak) wait(now time.Time) time.Duration {
	if r.failures == 0 {
		return 0
	}
	backoff := lastBackoff
	if shift := r.failures - 1; shift < 6 {
		backoff = min(lastBackoff, firstBackoff<<shift)
	}
	return max(0, r.last.Add(backoff).Sub(now))
}

// endedAt is when the pod's last container ended, or the nearest that is known to that.
func endedAt(p *corev1.Pod) time.Time {
	var at time.Time
	for _, s := range p.Status.ContainerStatuses {
		if t := s.State.Terminated; t != nil && t.FinishedAt.After(at) {
			at = t.FinishedAt.Time
		}
	}
	if !at.IsZero() {
		return at
	}
	if c := pods.Condition(p, corev1.PodReady); c != nil && c.Status == corev1.ConditionFalse && !c.LastTransitionTime.IsZero() {
		return c.LastTransitionTime.Time
	}
	if p.DeletionTimestamp != nil {
		var grace int64
		if p.DeletionGracePeriodSeconds != nil {
			grace = *p.DeletionGracePeriodSeconds
		}
		return p.DeletionTimestamp.Add(-time.Duration(grace) * time.Second)
	}
	return p.CreationTimestamp.Time
}

// lastFailed is the pod of the index that failed last, and how its index failed with it.
type lastFailed struct {
	pod              *corev1.Pod
	counted, ignored int32
}

// lastFailures finds it for every index that has one. replaced is whether a pod was made for the index since.
func lastFailures(job *batchv1.Job, all []*corev1.Pod) map[int]lastFailed {
	out := map[int]lastFailed{}
	for _, p := range all {
		ix := indexOf(p)
		if ix == noIndex || !failed(job, p) {
			continue
		}
		f := lastFailed{pod: p}
		f.counted, f.ignored = failures(p)
		if have, ok := out[ix]; ok && cmp.Or(cmp.Compare(have.counted+have.ignored, f.counted+f.ignored), endedAt(have.pod).Compare(endedAt(p))) > 0 {
			continue
		}
		out[ix] = f
	}
	for ix, f := range out {
		if judge(job, f.pod).ignored {
			f.ignored++
		} else {
			f.counted++
		}
		out[ix] = f
	}
	return out
}

func (f lastFailed) wait(now time.Time) time.Duration {
	return streak{int(f.counted + f.ignored), endedAt(f.pod)}.wait(now)
}
