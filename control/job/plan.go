package job

import (
	"math"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/nave-k8s/nave/control/pods"
)

// burst is the most pods that are made, deleted or counted at one look.
const burst = 500

// plan is what one look at a job decides. It is applied in this order: pods are made and deleted, the status
// is written, and only then is what it counts let go.
type plan struct {
	create  []next
	remove  []*corev1.Pod // too many: let go uncounted, and deleted
	kill    []*corev1.Pod // deleted because the job ends
	status  batchv1.JobStatus
	release []*corev1.Pod // their finalizers are taken off
	backoff streak
	events  []event
	after   time.Duration
}

// next is a pod to make.
type next struct {
	index            int // or noIndex
	counted, ignored int32
}

type event struct{ kind, reason, message string }

// makePlan decides. backoff is how pods failed up to now.
func makePlan(job *batchv1.Job, all []*corev1.Pod, backoff streak, now time.Time) *plan {
	s := look(job, all)
	p := &plan{status: *job.Status.DeepCopy(), backoff: backoff.with(append(s.newSucceeded, s.newFailed...))}
	if job.DeletionTimestamp == nil && job.Status.StartTime == nil && !suspended(job) {
		p.status.StartTime = &metav1.Time{Time: now}
	}
	target := p.ending(s, now)
	active := len(s.active)
	switch {
	case target != nil:
		p.kill = s.active[:min(len(s.active), burst)]
	case job.DeletionTimestamp == nil:
		p.manage(s, now)
		if target = p.completed(s, now); target == nil {
			p.suspension(job, now)
		}
	}
	p.status.Active = int32(active - len(p.remove) - len(p.kill))
	ready := int32(0)
	for _, pod := range s.active {
		if pods.Ready(pod) {
			ready++
		}
	}
	terminating := int32(len(s.terminating) + len(p.kill))
	p.status.Ready, p.status.Terminating = &ready, &terminating
	p.count(s, target)
	p.finish(s, target, now)
	return p
}

// ending is the condition that ends the job: one that was decided before, or is now.
func (p *plan) ending(s *state, now time.Time) *batchv1.JobCondition {
	job := s.job
	for _, kind := range []batchv1.JobConditionType{batchv1.JobFailureTarget, batchv1.JobSuccessCriteriaMet} {
		if c := condition(&p.status, kind); c != nil && c.Status == corev1.ConditionTrue {
			return c
		}
	}
	fail := func(reason, message string) *batchv1.JobCondition {
		return newCondition(batchv1.JobFailureTarget, corev1.ConditionTrue, reason, message, now)
	}
	for _, pod := range s.pods {
		if pod.Status.Phase == corev1.PodFailed {
			if v := judge(job, pod); v.failJob != "" {
				return fail(batchv1.JobReasonPodFailurePolicy, v.failJob)
			}
		}
	}
	if limit := job.Spec.BackoffLimit; limit != nil && (s.failed > int(*limit) || restartsBeyond(s, *limit)) {
		return fail(batchv1.JobReasonBackoffLimitExceeded, "Job has reached the specified backoff limit")
	}
	if d := job.Spec.ActiveDeadlineSeconds; d != nil && p.status.StartTime != nil && !suspended(job) {
		left := p.status.StartTime.Add(time.Duration(*d) * time.Second).Sub(now)
		if left <= 0 {
			return fail(batchv1.JobReasonDeadlineExceeded, "Job was active longer than specified deadline")
		}
		p.lookIn(left)
	}
	if indexed(job) && job.Spec.BackoffLimitPerIndex != nil {
		n := s.failedIx.total()
		switch {
		case job.Spec.MaxFailedIndexes != nil && n > int(*job.Spec.MaxFailedIndexes):
			return fail(batchv1.JobReasonMaxFailedIndexesExceeded, "Job has exceeded the specified maximal number of failed indexes")
		case n > 0 && n+s.succeededIx.total() >= int(*job.Spec.Completions):
			return fail(batchv1.JobReasonFailedIndexes, "Job has failed indexes")
		}
	}
	if why, ok := success(job, s.succeededIx); ok {
		return newCondition(batchv1.JobSuccessCriteriaMet, corev1.ConditionTrue, batchv1.JobReasonSuccessPolicy, why, now)
	}
	return nil
}

// restartsBeyond reports whether containers that are restarted in their pods failed too often.
func restartsBeyond(s *state, limit int32) bool {
	if s.job.Spec.Template.Spec.RestartPolicy != corev1.RestartPolicyOnFailure || limit == math.MaxInt32 {
		return false
	}
	var n int32
	for _, p := range s.active {
		for _, list := range [][]corev1.ContainerStatus{p.Status.InitContainerStatuses, p.Status.ContainerStatuses} {
			for _, c := range list {
				n += c.RestartCount
			}
		}
	}
	return n > 0 && n >= limit
}

// completed is the condition of a job all of whose pods have succeeded.
func (p *plan) completed(s *state, now time.Time) *batchv1.JobCondition {
	active := len(s.active) + len(p.create) - len(p.remove)
	done := active == 0 && s.succeeded > 0
	if n := s.job.Spec.Completions; n != nil {
		done = active == 0 && s.succeeded >= int(*n)
	}
	if !done {
		return nil
	}
	return newCondition(batchv1.JobSuccessCriteriaMet, corev1.ConditionTrue, batchv1.JobReasonCompletionsReached, "Reached expected number of succeeded pods", now)
}

func (p *plan) lookIn(after time.Duration) {
	if after > 0 && (p.after == 0 || after < p.after) {
		p.after = after
	}
}

// manage decides which pods are made or are too many.
func (p *plan) manage(s *state, now time.Time) {
	job := s.job
	if suspended(job) {
		p.remove = s.active[:min(len(s.active), burst)]
		return
	}
	parallelism := 1
	if job.Spec.Parallelism != nil {
		parallelism = int(*job.Spec.Parallelism)
	}
	want := parallelism
	if n := job.Spec.Completions; n != nil {
		want = max(0, min(parallelism, int(*n)-s.succeeded-s.failedIx.total()))
	} else if s.succeeded > 0 {
		want = min(len(s.active), parallelism) // it works no further: what runs may end
	}
	p.remove = surplus(s, len(s.active)-want, now)
	if len(p.remove) > 0 {
		return
	}
	missing := want - len(s.active)
	if replacesFailed(job) {
		missing -= len(s.terminating)
	}
	if missing = min(missing, burst); missing <= 0 {
		return
	}
	if job.Spec.BackoffLimitPerIndex == nil {
		if wait := p.backoff.wait(now); wait > 0 {
			p.lookIn(wait)
			return
		}
	}
	if indexed(job) {
		p.nextIndexes(s, missing, now)
		return
	}
	for range missing {
		p.create = append(p.create, next{index: noIndex})
	}
}

// nextIndexes are the lowest that nobody works at.
func (p *plan) nextIndexes(s *state, missing int, now time.Time) {
	busy := sets.New[int]()
	for _, pod := range s.active {
		busy.Insert(indexOf(pod))
	}
	if replacesFailed(s.job) {
		for _, pod := range s.terminating {
			busy.Insert(indexOf(pod))
		}
	}
	for ix := 0; ix < int(*s.job.Spec.Completions) && len(p.create) < missing; ix++ {
		if busy.Has(ix) || s.succeededIx.has(ix) || s.failedIx.has(ix) {
			continue
		}
		n := next{index: ix}
		if f, ok := s.last[ix]; ok {
			if wait := f.wait(now); wait > 0 {
				p.lookIn(wait)
				continue
			}
			n.counted, n.ignored = f.counted, f.ignored
		}
		p.create = append(p.create, n)
	}
}

// surplus are the pods to delete: for an index that has two, or has none any more, and then n at least.
func surplus(s *state, n int, now time.Time) []*corev1.Pod {
	active := append([]*corev1.Pod(nil), s.active...)
	pods.SortForDeletion(active, nil, now)
	var out, rest []*corev1.Pod
	if indexed(s.job) {
		seen := sets.New[int]()
		for i := len(active) - 1; i >= 0; i-- { // the best first
			ix := indexOf(active[i])
			if !s.valid(ix) || seen.Has(ix) || s.succeededIx.has(ix) {
				out = append(out, active[i])
				continue
			}
			seen.Insert(ix)
			rest = append([]*corev1.Pod{active[i]}, rest...)
		}
	} else {
		rest = active
	}
	if more := n - len(out); more > 0 {
		out = append(out, rest[:min(more, len(rest))]...)
	}
	return out[:min(len(out), burst)]
}
