package cronjob

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
)

// schedule of a cron job.
type schedule struct{ cron.Schedule }

// parse reads the schedule, in the job's time zone or else in that of this process.
func parse(cj *batchv1.CronJob) (schedule, error) {
	text := cj.Spec.Schedule
	if tz := cj.Spec.TimeZone; tz != nil {
		text = fmt.Sprintf("TZ=%s %s", *tz, text)
	}
	s, err := cron.ParseStandard(text)
	return schedule{s}, err
}

// tooMany is the number of missed times from which on the user is told.
const tooMany = 100

// due is the last time at or before now at which a job should have been started since the last one was. many
// reports whether more than tooMany such times have gone by.
func (s schedule) due(cj *batchv1.CronJob, now time.Time) (at time.Time, many bool) {
	since := cj.CreationTimestamp.Time
	if t := cj.Status.LastScheduleTime; t != nil {
		since = t.Time
	}
	if d := cj.Spec.StartingDeadlineSeconds; d != nil {
		if oldest := now.Add(-time.Duration(*d) * time.Second); oldest.After(since) {
			since = oldest
		}
	}
	first := s.Next(since)
	if first.IsZero() || first.After(now) {
		return at, false
	}
	// From where on to count: a schedule of minutes may have been missed for years.
	period := max(s.Next(first).Sub(first), time.Second)
	for window := period * (tooMany + 1); ; window *= 2 {
		from := now.Add(-window)
		if window <= 0 || !from.After(since) {
			from = since
		}
		n := 0
		for t := s.Next(from); !t.IsZero() && !t.After(now); t = s.Next(t) {
			at = t
			n++
		}
		many = many || n > tooMany
		if !at.IsZero() {
			return at, many
		}
		if from.Equal(since) {
			return first, many
		}
	}
}

// again is how long it takes until the next time; a moment more, for clocks that are not quite equal.
func (s schedule) again(now time.Time) time.Duration {
	next := s.Next(now)
	if next.IsZero() {
		return 0
	}
	return next.Sub(now) + 100*time.Millisecond
}
