package job

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func newCondition(kind batchv1.JobConditionType, status corev1.ConditionStatus, reason, message string, now time.Time) *batchv1.JobCondition {
	at := metav1.NewTime(now)
	return &batchv1.JobCondition{Type: kind, Status: status, LastProbeTime: at, LastTransitionTime: at, Reason: reason, Message: message}
}

// finish says that the job ends, and once no pod of it is left to end or to count, that it has.
func (p *plan) finish(s *state, target *batchv1.JobCondition, now time.Time) {
	if target == nil {
		return
	}
	target = target.DeepCopy()
	if condition(&p.status, target.Type) == nil {
		p.status.Conditions = append(p.status.Conditions, *target)
	}
	u := p.status.UncountedTerminatedPods
	if p.status.Active > 0 || len(s.terminating) > 0 || len(p.kill) > 0 || len(p.release) > 0 || u != nil && len(u.Succeeded)+len(u.Failed) > 0 {
		return
	}
	for _, pod := range s.pods {
		if tracked(pod) {
			return
		}
	}
	if p.status.StartTime == nil {
		p.status.StartTime = &metav1.Time{Time: now} // a job that was never resumed may still end
	}
	if target.Type == batchv1.JobFailureTarget {
		p.status.Conditions = append(p.status.Conditions, *newCondition(batchv1.JobFailed, corev1.ConditionTrue, target.Reason, target.Message, now))
		p.events = append(p.events, event{corev1.EventTypeWarning, target.Reason, target.Message})
		return
	}
	p.status.Conditions = append(p.status.Conditions, *newCondition(batchv1.JobComplete, corev1.ConditionTrue, target.Reason, target.Message, now))
	p.status.CompletionTime = &metav1.Time{Time: now}
	p.events = append(p.events, event{corev1.EventTypeNormal, "Completed", "Job completed"})
}

// suspension says that the job was suspended or goes on. Its time starts anew.
func (p *plan) suspension(job *batchv1.Job, now time.Time) {
	c := condition(&p.status, batchv1.JobSuspended)
	switch {
	case suspended(job) && (c == nil || c.Status != corev1.ConditionTrue):
		p.setSuspended(corev1.ConditionTrue, "JobSuspended", "Job suspended", now)
		p.events = append(p.events, event{corev1.EventTypeNormal, "Suspended", "Job suspended"})
		// It starts anew when it goes on; after that the server would not let the time be changed.
		p.status.StartTime = nil
	case !suspended(job) && c != nil && c.Status == corev1.ConditionTrue:
		p.setSuspended(corev1.ConditionFalse, "JobResumed", "Job resumed", now)
		p.events = append(p.events, event{corev1.EventTypeNormal, "Resumed", "Job resumed"})
	}
}

func (p *plan) setSuspended(status corev1.ConditionStatus, reason, message string, now time.Time) {
	next := newCondition(batchv1.JobSuspended, status, reason, message, now)
	if c := condition(&p.status, batchv1.JobSuspended); c != nil {
		*c = *next
		return
	}
	p.status.Conditions = append(p.status.Conditions, *next)
}
