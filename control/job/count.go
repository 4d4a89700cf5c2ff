package job

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
)

// count accounts for pods that have ended (KEP-2307). A pod is first noted as uncounted, then let go, and
// counted when it is: so that none is counted twice or never, whatever is interrupted. Succeeded pods of
// indexed jobs are noted by their indexes.
func (p *plan) count(s *state, target *batchv1.JobCondition) {
	p.countReleased(s)
	ends := target != nil || s.job.DeletionTimestamp != nil
	fails := target != nil && target.Type == batchv1.JobFailureTarget
	u := p.status.UncountedTerminatedPods
	if u == nil {
		u = &batchv1.UncountedTerminatedPods{}
		p.status.UncountedTerminatedPods = u
	}
	succeeded := s.succeededBefore
	removed := sets.New[types.UID]()
	for _, pod := range p.remove {
		removed.Insert(pod.UID)
	}
	for _, pod := range s.pods {
		if !tracked(pod) || removed.Has(pod.UID) {
			continue
		}
		isFailed := failed(s.job, pod)
		ended := isFailed || pod.Status.Phase == corev1.PodSucceeded
		if !ended && !ends || target == nil && isFailed && s.held(pod) {
			continue
		}
		if len(p.release) == burst {
			break // the rest at the next look
		}
		p.release = append(p.release, pod)
		if indexed(s.job) && !s.valid(indexOf(pod)) {
			continue
		}
		switch {
		case pod.Status.Phase == corev1.PodSucceeded:
			if indexed(s.job) {
				succeeded = succeeded.with(indexOf(pod), indexOf(pod))
			} else if !slices.Contains(u.Succeeded, pod.UID) {
				u.Succeeded = append(u.Succeeded, pod.UID)
			}
		case (isFailed || fails) && !slices.Contains(u.Failed, pod.UID) && !judge(s.job, pod).ignored:
			u.Failed = append(u.Failed, pod.UID)
		}
	}
	if indexed(s.job) {
		p.status.CompletedIndexes, p.status.Succeeded = succeeded.String(), int32(succeeded.total())
		if s.job.Spec.BackoffLimitPerIndex != nil {
			text := s.failedIx.String()
			p.status.FailedIndexes = &text
		}
	}
}

// countReleased counts pods that were noted and have been let go since.
func (p *plan) countReleased(s *state) {
	u := p.status.UncountedTerminatedPods
	if u == nil {
		return
	}
	waiting := sets.New[types.UID]()
	for _, pod := range s.pods {
		if tracked(pod) {
			waiting.Insert(pod.UID)
		}
	}
	still := func(uids []types.UID) (left []types.UID, gone int32) {
		for _, uid := range uids {
			if waiting.Has(uid) {
				left = append(left, uid)
			} else {
				gone++
			}
		}
		return left, gone
	}
	var n int32
	if u.Succeeded, n = still(u.Succeeded); !indexed(s.job) {
		p.status.Succeeded += n
	}
	u.Failed, n = still(u.Failed)
	p.status.Failed += n
}
