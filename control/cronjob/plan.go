package cronjob

import (
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// plan is what one look at a cron job decides.
type plan struct {
	status  batchv1.CronJobStatus
	missing []corev1.ObjectReference // active jobs that are not there
	replace []corev1.ObjectReference // active jobs to delete for the new one's sake
	create  *batchv1.Job
	remove  []*batchv1.Job // that ended long ago
	events  []event
	after   time.Duration
}

type event struct{ kind, reason, message string }

func (p *plan) tell(kind, reason, format string, args ...any) {
	p.events = append(p.events, event{kind, reason, fmt.Sprintf(format, args...)})
}

// makePlan decides. jobs are those that the cron job controls.
func makePlan(cj *batchv1.CronJob, jobs []*batchv1.Job, now time.Time) *plan {
	p := &plan{status: *cj.Status.DeepCopy()}
	p.follow(jobs)
	p.history(cj, jobs)
	if cj.DeletionTimestamp != nil {
		return p
	}
	if tz := cj.Spec.TimeZone; tz != nil {
		if _, err := time.LoadLocation(*tz); err != nil {
			p.tell(corev1.EventTypeWarning, "UnknownTimeZone", "invalid timeZone: %q: %s", *tz, err)
			return p
		}
	}
	if cj.Spec.Suspend != nil && *cj.Spec.Suspend {
		return p
	}
	s, err := parse(cj)
	if err != nil {
		p.tell(corev1.EventTypeWarning, "UnparseableSchedule", "unparseable schedule: %q : %s", cj.Spec.Schedule, err)
		return p
	}
	p.after = s.again(now)
	p.start(cj, s, now)
	return p
}

// follow brings the list of active jobs up to date.
func (p *plan) follow(jobs []*batchv1.Job) {
	there := map[types.UID]bool{}
	for _, job := range jobs {
		there[job.UID] = true
		active := slices.ContainsFunc(p.status.Active, func(r corev1.ObjectReference) bool { return r.UID == job.UID })
		end := ended(job)
		switch {
		case !active && end == "":
			p.tell(corev1.EventTypeWarning, "UnexpectedJob", "Saw a job that the controller did not create or forgot: %s", job.Name)
		case active && end != "":
			p.drop(job.UID)
			p.tell(corev1.EventTypeNormal, "SawCompletedJob", "Saw completed job: %s, condition: %v", job.Name, end)
		}
		if at := job.Status.CompletionTime; end == batchv1.JobComplete && at != nil && (p.status.LastSuccessfulTime == nil || at.After(p.status.LastSuccessfulTime.Time)) {
			p.status.LastSuccessfulTime = at
		}
	}
	for _, ref := range p.status.Active {
		if !there[ref.UID] {
			p.missing = append(p.missing, ref)
		}
	}
}

func (p *plan) drop(uid types.UID) {
	p.status.Active = slices.DeleteFunc(p.status.Active, func(r corev1.ObjectReference) bool { return r.UID == uid })
	if len(p.status.Active) == 0 {
		p.status.Active = nil
	}
}

// ended is the condition with which the job ended; empty if it has not.
func ended(job *batchv1.Job) batchv1.JobConditionType {
	for _, c := range job.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return c.Type
		}
	}
	return ""
}

// history removes jobs that ended before the last few.
func (p *plan) history(cj *batchv1.CronJob, jobs []*batchv1.Job) {
	for _, h := range []struct {
		end  batchv1.JobConditionType
		keep *int32
	}{{batchv1.JobComplete, cj.Spec.SuccessfulJobsHistoryLimit}, {batchv1.JobFailed, cj.Spec.FailedJobsHistoryLimit}} {
		if h.keep == nil {
			continue
		}
		var old []*batchv1.Job
		for _, job := range jobs {
			if ended(job) == h.end && job.DeletionTimestamp == nil {
				old = append(old, job)
			}
		}
		slices.SortFunc(old, func(a, b *batchv1.Job) int { return startedAt(a).Compare(startedAt(b)) })
		p.remove = append(p.remove, old[:max(0, len(old)-int(*h.keep))]...)
	}
}

func startedAt(job *batchv1.Job) time.Time {
	if job.Status.StartTime != nil {
		return job.Status.StartTime.Time
	}
	return job.CreationTimestamp.Time
}

// start decides whether it is time for a job.
func (p *plan) start(cj *batchv1.CronJob, s schedule, now time.Time) {
	at, many := s.due(cj, now)
	if many {
		p.tell(corev1.EventTypeWarning, "TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew")
	}
	if at.IsZero() {
		return
	}
	if d := cj.Spec.StartingDeadlineSeconds; d != nil && at.Add(time.Duration(*d)*time.Second).Before(now) {
		p.tell(corev1.EventTypeWarning, "MissSchedule", "Missed scheduled time to start a job: %s", at.UTC().Format(time.RFC1123Z))
		return
	}
	job := jobFor(cj, at)
	if slices.ContainsFunc(p.status.Active, func(r corev1.ObjectReference) bool { return r.Name == job.Name }) ||
		p.status.LastScheduleTime != nil && p.status.LastScheduleTime.Time.Equal(at) {
		return
	}
	if len(p.status.Active) > 0 {
		switch cj.Spec.ConcurrencyPolicy {
		case batchv1.ForbidConcurrent:
			p.tell(corev1.EventTypeNormal, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid")
			return
		case batchv1.ReplaceConcurrent:
			p.replace = slices.Clone(p.status.Active)
		}
	}
	p.create = job
	p.status.LastScheduleTime = &metav1.Time{Time: at}
}

// jobFor is the job of a time. Its name says the time, so that there is one at most.
func jobFor(cj *batchv1.CronJob, at time.Time) *batchv1.Job {
	t := cj.Spec.JobTemplate.DeepCopy()
	if t.Annotations == nil {
		t.Annotations = map[string]string{}
	}
	zone := time.UTC
	if cj.Spec.TimeZone != nil {
		if l, err := time.LoadLocation(*cj.Spec.TimeZone); err == nil {
			zone = l
		}
	}
	t.Annotations[batchv1.CronJobScheduledTimestampAnnotation] = at.In(zone).Format(time.RFC3339)
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: cj.Namespace, Name: fmt.Sprintf("%s-%d", cj.Name, at.Unix()/60),
			Labels: t.Labels, Annotations: t.Annotations, OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(cj, kind)},
		},
		Spec: t.Spec,
	}
}
