package cronjob

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestPlan(t *testing.T) {
	zone := "Europe/Berlin"
	for _, c := range []struct {
		name, schedule, now, want string
		zone                      *string
		policy                    batchv1.ConcurrencyPolicy
		deadline                  *int64
		suspend, active           bool
		replaced                  int
		event                     string
	}{
		{name: "not yet", schedule: "0 * * * *", now: "2026-03-01T10:59:59Z"},
		{name: "it is time", schedule: "0 * * * *", now: "2026-03-01T11:00:01Z", want: "cj-29539380"},
		{name: "the last of those missed", schedule: "*/5 * * * *", now: "2026-03-01T11:11:00Z", want: "cj-29539390"},
		{name: "missed for a year", schedule: "*/1 * * * *", now: "2027-03-01T11:11:00Z", want: "cj-30064991", event: "TooManyMissedTimes"},
		{name: "once a year, in an hour of minutes", schedule: "* 0 1 1 *", now: "2027-03-01T11:11:00Z", want: "cj-29979419"},
		{name: "noon in Berlin", schedule: "0 12 * * *", zone: &zone, now: "2026-03-01T11:00:30Z", want: "cj-29539380"},
		{name: "suspended", schedule: "0 * * * *", now: "2026-03-01T11:00:01Z", suspend: true},
		{name: "too late", schedule: "0 * * * *", now: "2026-03-01T11:10:00Z", deadline: new(int64)},
		{name: "forbidden", schedule: "0 * * * *", now: "2026-03-01T11:00:01Z", active: true, policy: batchv1.ForbidConcurrent, event: "JobAlreadyActive"},
		{name: "replaced", schedule: "0 * * * *", now: "2026-03-01T11:00:01Z", active: true, policy: batchv1.ReplaceConcurrent, replaced: 1, want: "cj-29539380"},
		{name: "side by side", schedule: "0 * * * *", now: "2026-03-01T11:00:01Z", active: true, policy: batchv1.AllowConcurrent, want: "cj-29539380"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cj := &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Name: "cj", CreationTimestamp: metav1.NewTime(at("2026-03-01T10:30:00Z"))}}
			cj.Spec = batchv1.CronJobSpec{Schedule: c.schedule, TimeZone: c.zone, Suspend: &c.suspend, ConcurrencyPolicy: c.policy, StartingDeadlineSeconds: c.deadline}
			var jobs []*batchv1.Job
			if c.active {
				cj.Status.Active = []corev1.ObjectReference{{Name: "old", UID: "old"}}
				jobs = []*batchv1.Job{{ObjectMeta: metav1.ObjectMeta{Name: "old", UID: "old"}}}
			}
			p := makePlan(cj, jobs, at(c.now))
			got := ""
			if p.create != nil {
				got = p.create.Name
			}
			if got != c.want || len(p.replace) != c.replaced {
				t.Errorf("job %q, replaces %d; want %q, %d", got, len(p.replace), c.want, c.replaced)
			}
			if c.event != "" && (len(p.events) == 0 || p.events[0].reason != c.event) {
				t.Errorf("events %v, want %s", p.events, c.event)
			}
			if c.want != "" && p.create != nil && c.zone != nil && p.create.Annotations[batchv1.CronJobScheduledTimestampAnnotation] != "2026-03-01T12:00:00+01:00" {
				t.Errorf("annotations %v", p.create.Annotations)
			}
		})
	}
}
