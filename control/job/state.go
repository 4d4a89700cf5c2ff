package job

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"slices"

	"github.com/nave-k8s/nave/control/pods"
)

func indexed(job *batchv1.Job) bool {
	return job.Spec.CompletionMode != nil && *job.Spec.CompletionMode == batchv1.IndexedCompletion && job.Spec.Completions != nil
}

func suspended(job *batchv1.Job) bool { return job.Spec.Suspend != nil && *job.Spec.Suspend }

// replacesFailed reports whether a pod counts as failed only when it has ended, not when its deletion began.
func replacesFailed(job *batchv1.Job) bool {
	if r := job.Spec.PodReplacementPolicy; r != nil {
		return *r == batchv1.Failed
	}
	return job.Spec.PodFailurePolicy != nil
}

func failed(job *batchv1.Job, p *corev1.Pod) bool {
	if p.Status.Phase == corev1.PodFailed {
		return true
	}
	return !replacesFailed(job) && p.DeletionTimestamp != nil && p.Status.Phase != corev1.PodSucceeded
}

// tracked reports whether the pod still waits to be counted.
func tracked(p *corev1.Pod) bool { return slices.Contains(p.Finalizers, batchv1.JobTrackingFinalizer) }

// finished reports whether the job has come to its end.
func finished(job *batchv1.Job) bool {
	for _, kind := range []batchv1.JobConditionType{batchv1.JobComplete, batchv1.JobFailed} {
		if c := condition(&job.Status, kind); c != nil && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func condition(s *batchv1.JobStatus, kind batchv1.JobConditionType) *batchv1.JobCondition {
	for i := range s.Conditions {
		if s.Conditions[i].Type == kind {
			return &s.Conditions[i]
		}
	}
	return nil
}

// state is a job and its pods, sorted.
type state struct {
	job         *batchv1.Job
	pods        []*corev1.Pod
	active      []*corev1.Pod
	terminating []*corev1.Pod
	// Pods that have ended and are in no count yet.
	newSucceeded, newFailed []*corev1.Pod
	uncountedSucceeded      sets.Set[types.UID]
	uncountedFailed         sets.Set[types.UID]

	succeeded, failed            int
	succeededBefore, succeededIx intervals
	failedIx                     intervals
	last                         map[int]lastFailed // of indexes, if they have their own limit
	newFailedCounted             []*corev1.Pod
}

func look(job *batchv1.Job, all []*corev1.Pod) *state {
	s := &state{job: job, pods: all, uncountedSucceeded: sets.New[types.UID](), uncountedFailed: sets.New[types.UID]()}
	if u := job.Status.UncountedTerminatedPods; u != nil {
		s.uncountedSucceeded.Insert(u.Succeeded...)
		s.uncountedFailed.Insert(u.Failed...)
	}
	for _, p := range all {
		switch {
		case pods.Active(p):
			s.active = append(s.active, p)
		case !pods.Terminal(p):
			s.terminating = append(s.terminating, p)
		}
		if !tracked(p) || indexed(job) && !s.valid(indexOf(p)) {
			continue
		}
		switch {
		case p.Status.Phase == corev1.PodSucceeded:
			if !s.uncountedSucceeded.Has(p.UID) {
				s.newSucceeded = append(s.newSucceeded, p)
			}
		case failed(job, p) && !s.uncountedFailed.Has(p.UID):
			s.newFailed = append(s.newFailed, p)
			if !judge(job, p).ignored {
				s.newFailedCounted = append(s.newFailedCounted, p)
			}
		}
	}
	s.succeeded = int(job.Status.Succeeded) + len(s.newSucceeded) + s.uncountedSucceeded.Len()
	s.failed = int(job.Status.Failed) + len(s.newFailedCounted) + s.uncountedFailed.Len()
	if indexed(job) {
		s.lookAtIndexes()
	}
	return s
}

// valid reports whether the job has the index.
func (s *state) valid(ix int) bool { return ix != noIndex && ix < int(*s.job.Spec.Completions) }

func (s *state) lookAtIndexes() {
	limit := int(*s.job.Spec.Completions)
	s.succeededBefore = parseIntervals(s.job.Status.CompletedIndexes, limit)
	s.succeededIx = s.succeededBefore
	for _, p := range s.newSucceeded {
		s.succeededIx = s.succeededIx.with(indexOf(p), indexOf(p))
	}
	s.succeeded = s.succeededIx.total()
	if s.job.Spec.BackoffLimitPerIndex == nil {
		return
	}
	if s.job.Status.FailedIndexes != nil {
		s.failedIx = parseIntervals(*s.job.Status.FailedIndexes, limit)
	}
	for _, p := range s.newFailed {
		v := judge(s.job, p)
		counted, _ := failures(p)
		if ix := indexOf(p); v.failIndex || !v.ignored && counted >= *s.job.Spec.BackoffLimitPerIndex {
			s.failedIx = s.failedIx.with(ix, ix)
		}
	}
	s.last = lastFailures(s.job, s.pods)
}

// held reports whether the pod must not be let go yet: the next pod of its index learns from it how often
// the index failed.
func (s *state) held(p *corev1.Pod) bool {
	ix := indexOf(p)
	if s.job.Spec.BackoffLimitPerIndex == nil || ix == noIndex || s.succeededIx.has(ix) || s.failedIx.has(ix) {
		return false
	}
	if f, ok := s.last[ix]; !ok || f.pod.UID != p.UID {
		return false
	}
	counted, ignored := failures(p)
	for _, other := range s.pods {
		if indexOf(other) == ix && other.UID != p.UID {
			if c, i := failures(other); c+i > counted+ignored {
				return false
			}
		}
	}
	return true
}
