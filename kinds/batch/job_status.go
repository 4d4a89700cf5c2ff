package batch

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/workload"
)

// A job's status may be written by others than the job controller (spec.managedBy, KEP-4368), so its
// states are held to what that controller does: most rules look only at what a write changes, because
// older servers did not check.

func isTrue(j *batchv1.Job, t batchv1.JobConditionType) bool {
	for i := range j.Status.Conditions {
		if j.Status.Conditions[i].Type == t {
			return j.Status.Conditions[i].Status == corev1.ConditionTrue
		}
	}
	return false
}

func isFinished(j *batchv1.Job) bool {
	return isTrue(j, batchv1.JobComplete) || isTrue(j, batchv1.JobFailed)
}

func validateJobStatus(_ kinds.Input, j, old *batchv1.Job) field.ErrorList {
	c := changesOf(j, old)
	errs := validateJobCounts(&j.Status)
	errs = append(errs, validateUncounted(j.Status.UncountedTerminatedPods, statusPath.Child("uncountedTerminatedPods"))...)
	errs = append(errs, validateJobConditions(j, c)...)
	errs = append(errs, validateFinished(j, c)...)
	errs = append(errs, validateStatusIndexes(j, c)...)
	errs = append(errs, validateJobPods(j, c)...)
	errs = append(errs, validateSuccessCriteria(j)...)
	return append(errs, validateStatusUpdate(j, old)...)
}

// jobChanges says which parts of a status a write changes.
type jobChanges struct {
	finished, complete, failed, failureTarget, successCriteria bool
	active, ready, terminating                                 bool
	startTime, completionTime                                  bool
	uncounted, completedIndexes, failedIndexes                 bool
}

func changesOf(j, old *batchv1.Job) jobChanges {
	differ := func(t batchv1.JobConditionType) bool { return isTrue(j, t) != isTrue(old, t) }
	s, o := &j.Status, &old.Status
	return jobChanges{
		finished:         isFinished(j) != isFinished(old),
		complete:         differ(batchv1.JobComplete),
		failed:           differ(batchv1.JobFailed),
		failureTarget:    differ(batchv1.JobFailureTarget),
		successCriteria:  differ(batchv1.JobSuccessCriteriaMet),
		active:           s.Active != o.Active,
		ready:            differs(s.Ready, o.Ready),
		terminating:      differs(s.Terminating, o.Terminating),
		startTime:        !s.StartTime.Equal(o.StartTime),
		completionTime:   !s.CompletionTime.Equal(o.CompletionTime),
		uncounted:        workload.Changed(s.UncountedTerminatedPods, o.UncountedTerminatedPods),
		completedIndexes: s.CompletedIndexes != o.CompletedIndexes,
		failedIndexes:    differs(s.FailedIndexes, o.FailedIndexes),
	}
}

func differs[T comparable](a, b *T) bool {
	return (a == nil) != (b == nil) || a != nil && *a != *b
}

func validateJobCounts(s *batchv1.JobStatus) field.ErrorList {
	errs := workload.Nonnegative(s.Active, statusPath.Child("active"))
	errs = append(errs, workload.Nonnegative(s.Succeeded, statusPath.Child("succeeded"))...)
	errs = append(errs, workload.Nonnegative(s.Failed, statusPath.Child("failed"))...)
	errs = append(errs, workload.OptionalNonnegative(s.Ready, statusPath.Child("ready"))...)
	return append(errs, workload.OptionalNonnegative(s.Terminating, statusPath.Child("terminating"))...)
}

func validateUncounted(u *batchv1.UncountedTerminatedPods, path *field.Path) field.ErrorList {
	if u == nil {
		return nil
	}
	var errs field.ErrorList
	seen := map[types.UID]bool{}
	check := func(uids []types.UID, path *field.Path) {
		for i, uid := range uids {
			switch {
			case uid == "":
				errs = append(errs, field.Invalid(path.Index(i), uid, "must not be empty"))
			case seen[uid]:
				errs = append(errs, field.Duplicate(path.Index(i), uid))
			default:
				seen[uid] = true
			}
		}
	}
	check(u.Succeeded, path.Child("succeeded"))
	check(u.Failed, path.Child("failed"))
	return errs
}

func badConditions(msg string) *field.Error {
	return field.Invalid(statusPath.Child("conditions"), field.OmitValueType{}, msg)
}

func validateJobConditions(j *batchv1.Job, c jobChanges) field.ErrorList {
	var errs field.ErrorList
	s := &j.Status
	complete, failed := isTrue(j, batchv1.JobComplete), isTrue(j, batchv1.JobFailed)
	completionTime := statusPath.Child("completionTime")
	if (c.complete || c.failed) && complete && failed {
		errs = append(errs, badConditions("cannot set Complete=True and Failed=true conditions"))
	}
	if (c.complete || c.failureTarget) && complete && isTrue(j, batchv1.JobFailureTarget) {
		errs = append(errs, badConditions("cannot set Complete=True and FailureTarget=true conditions"))
	}
	if c.complete || c.completionTime {
		if s.CompletionTime != nil && !complete {
			errs = append(errs, field.Invalid(completionTime, s.CompletionTime, "cannot set completionTime when there is no Complete=True condition"))
		}
		if s.CompletionTime == nil && complete {
			errs = append(errs, field.Required(completionTime, "completionTime is required for Complete jobs"))
		}
	}
	if (c.startTime || c.completionTime) && s.StartTime != nil && s.CompletionTime != nil && s.CompletionTime.Before(s.StartTime) {
		errs = append(errs, field.Invalid(completionTime, s.CompletionTime, "completionTime cannot be set before startTime"))
	}
	if (c.failed || c.failureTarget) && failed && !isTrue(j, batchv1.JobFailureTarget) {
		errs = append(errs, badConditions("cannot set Failed=True condition without the FailureTarget=true condition"))
	}
	if (c.complete || c.successCriteria) && complete && !isTrue(j, batchv1.JobSuccessCriteriaMet) {
		errs = append(errs, badConditions("cannot set Complete=True condition without the SuccessCriteriaMet=true condition"))
	}
	return errs
}

func validateFinished(j *batchv1.Job, c jobChanges) field.ErrorList {
	if !isFinished(j) {
		return nil
	}
	var errs field.ErrorList
	s := &j.Status
	if (c.finished || c.active) && s.Active > 0 {
		errs = append(errs, field.Invalid(statusPath.Child("active"), s.Active, "active>0 is invalid for finished job"))
	}
	if (c.finished || c.startTime) && s.StartTime == nil {
		errs = append(errs, field.Required(statusPath.Child("startTime"), "startTime is required for finished job"))
	}
	if u := s.UncountedTerminatedPods; (c.finished || c.uncounted) && u != nil && len(u.Failed)+len(u.Succeeded) > 0 {
		errs = append(errs, field.Invalid(statusPath.Child("uncountedTerminatedPods"), internal(u), "uncountedTerminatedPods needs to be empty for finished job"))
	}
	return errs
}

func validateStatusIndexes(j *batchv1.Job, c jobChanges) field.ErrorList {
	var errs field.ErrorList
	s, n := &j.Status, j.Spec.Completions
	completed, failed := statusPath.Child("completedIndexes"), statusPath.Child("failedIndexes")
	if c.completedIndexes && n != nil {
		if _, err := countIndexes(s.CompletedIndexes, *n); err != nil {
			errs = append(errs, field.Invalid(completed, s.CompletedIndexes, "error parsing completedIndexes: "+err.Error()))
		}
	}
	if c.failedIndexes && n != nil && j.Spec.BackoffLimitPerIndex != nil && s.FailedIndexes != nil {
		if _, err := countIndexes(*s.FailedIndexes, *n); err != nil {
			errs = append(errs, field.Invalid(failed, *s.FailedIndexes, "error parsing failedIndexes: "+err.Error()))
		}
	}
	if c.completedIndexes && s.CompletedIndexes != "" && !isIndexed(&j.Spec) {
		errs = append(errs, field.Invalid(completed, s.CompletedIndexes, "cannot set non-empty completedIndexes when non-indexed completion mode"))
	}
	if c.failedIndexes && j.Spec.BackoffLimitPerIndex == nil && s.FailedIndexes != nil {
		errs = append(errs, field.Invalid(failed, *s.FailedIndexes, "cannot set non-null failedIndexes when backoffLimitPerIndex is null"))
	}
	if (c.failedIndexes || c.completedIndexes) && n != nil && s.FailedIndexes != nil {
		if err := overlap(s.CompletedIndexes, *s.FailedIndexes, *n); err != nil {
			errs = append(errs, field.Invalid(failed, *s.FailedIndexes, err.Error()))
		}
	}
	return errs
}

func validateJobPods(j *batchv1.Job, c jobChanges) field.ErrorList {
	var errs field.ErrorList
	s := &j.Status
	if (c.finished || c.terminating) && deref(s.Terminating) > 0 && isFinished(j) {
		errs = append(errs, field.Invalid(statusPath.Child("terminating"), *s.Terminating, "terminating>0 is invalid for finished job"))
	}
	if (c.ready || c.active) && s.Ready != nil && *s.Ready > s.Active {
		errs = append(errs, field.Invalid(statusPath.Child("ready"), *s.Ready, "cannot set more ready pods than active"))
	}
	return errs
}

func validateSuccessCriteria(j *batchv1.Job) field.ErrorList {
	if !isTrue(j, batchv1.JobSuccessCriteriaMet) {
		return nil
	}
	var errs field.ErrorList
	if isTrue(j, batchv1.JobFailed) {
		errs = append(errs, badConditions("cannot set Failed=True and SuccessCriteriaMet=true conditions"))
	}
	if isTrue(j, batchv1.JobFailureTarget) {
		errs = append(errs, badConditions("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"))
	}
	return errs
}

// validateStatusUpdate refuses steps back: out of a final state, of counters, of times once set.
func validateStatusUpdate(j, old *batchv1.Job) field.ErrorList {
	var errs field.ErrorList
	s, o := &j.Status, &old.Status
	for _, t := range []batchv1.JobConditionType{batchv1.JobFailed, batchv1.JobComplete, batchv1.JobFailureTarget} {
		if isTrue(old, t) && !isTrue(j, t) {
			errs = append(errs, badConditions(fmt.Sprintf("cannot disable the terminal %s=True condition", t)))
		}
	}
	if s.Failed < o.Failed {
		errs = append(errs, field.Invalid(statusPath.Child("failed"), s.Failed, "cannot decrease the failed counter"))
	}
	// An indexed job that can shrink forgets the successes of the indexes it loses.
	elastic := isIndexed(&j.Spec) && !differs(j.Spec.Completions, j.Spec.Parallelism)
	if s.Succeeded < o.Succeeded && !elastic {
		errs = append(errs, field.Invalid(statusPath.Child("succeeded"), s.Succeeded, "cannot decrease the succeeded counter"))
	}
	if s.CompletionTime != nil && o.CompletionTime != nil && !s.CompletionTime.Equal(o.CompletionTime) {
		errs = append(errs, field.Invalid(statusPath.Child("completionTime"), s.CompletionTime, "completionTime cannot be mutated"))
	}
	errs = append(errs, validateStartTimeUpdate(s.StartTime, o.StartTime, deref(j.Spec.Suspend))...)
	if isTrue(old, batchv1.JobSuccessCriteriaMet) && !isTrue(j, batchv1.JobSuccessCriteriaMet) {
		errs = append(errs, badConditions("cannot disable the SuccessCriteriaMet=True condition"))
	}
	if isTrue(old, batchv1.JobComplete) && !isTrue(old, batchv1.JobSuccessCriteriaMet) && isTrue(j, batchv1.JobSuccessCriteriaMet) {
		errs = append(errs, badConditions("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"))
	}
	return errs
}

func validateStartTimeUpdate(now, old *metav1.Time, suspended bool) field.ErrorList {
	if old == nil || suspended || now.Equal(old) {
		return nil
	}
	path := statusPath.Child("startTime")
	if now == nil {
		return field.ErrorList{field.Required(path, "startTime cannot be removed for unsuspended job")}
	}
	return field.ErrorList{field.Invalid(path, now, "field is immutable for unsuspended job once set")}
}
