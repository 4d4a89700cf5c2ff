package workloads

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestCronJob(t *testing.T) {
	w := newWorld(t, ends)
	cj := &batchv1.CronJob{ObjectMeta: meta("tick"), Spec: batchv1.CronJobSpec{
		Schedule: "@every 1s", SuccessfulJobsHistoryLimit: ptr(int32(1)),
		JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: template("tick", "ok")}},
	}}
	cj.Spec.JobTemplate.Spec.Template.Spec.RestartPolicy = "Never"
	_, err := w.BatchV1().CronJobs(ns).Create(w.ctx, cj, metav1.CreateOptions{})
	w.must(err)
	w.eventually("a job succeeds", func() bool {
		cj, err := w.BatchV1().CronJobs(ns).Get(w.ctx, "tick", metav1.GetOptions{})
		w.must(err)
		return cj.Status.LastScheduleTime != nil && cj.Status.LastSuccessfulTime != nil && len(cj.Status.Active) == 0
	})
	w.event("CronJob", "tick", "SuccessfulCreate", "Created job tick-")
	w.event("CronJob", "tick", "SawCompletedJob", "condition: Complete")
}

func TestJobsGoAfterTheirTime(t *testing.T) {
	w := newWorld(t, ends)
	began := time.Now()
	w.job("short", "ok", func(s *batchv1.JobSpec) { s.TTLSecondsAfterFinished = ptr(int32(2)) })
	w.eventually("job and pods are gone", func() bool {
		jobs, err := w.BatchV1().Jobs(ns).List(w.ctx, metav1.ListOptions{})
		w.must(err)
		return len(jobs.Items) == 0 && len(w.pods("")) == 0
	})
	if time.Since(began) < 500*time.Millisecond {
		t.Error("it went at once")
	}
}
