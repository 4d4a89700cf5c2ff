package batch

import (
	"fmt"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func cronJob() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "CronJob",
		Plural: "cronjobs", Singular: "cronjob", ShortNames: []string{"cj"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &batchv1.CronJob{} },
		NewList: func() runtime.Object { return &batchv1.CronJobList{} },
		Storage: kinds.Storage{Key: "cronjobs", APIVersion: "batch/v1"},
		Rules: kinds.For[*batchv1.CronJob]{
			Default: defaultCronJob,
			PrepareCreate: func(_ kinds.Input, c *batchv1.CronJob) {
				c.Status = batchv1.CronJobStatus{}
				workload.Begin(&c.ObjectMeta)
				workload.DropDisabled(&c.Spec.JobTemplate.Spec.Template, nil)
				c.Spec.JobTemplate.Spec.Scheduling = nil // alpha, and off: WorkloadWithJob
			},
			PrepareUpdate: func(_ kinds.Input, c, old *batchv1.CronJob) {
				c.Status = old.Status
				workload.DropDisabled(&c.Spec.JobTemplate.Spec.Template, &old.Spec.JobTemplate.Spec.Template)
				if old.Spec.JobTemplate.Spec.Scheduling == nil {
					c.Spec.JobTemplate.Spec.Scheduling = nil
				}
				workload.Advance(&c.ObjectMeta, &old.ObjectMeta, workload.Changed(c.Spec, old.Spec))
			},
			Validate:       validateCronJob,
			ValidateUpdate: validateCronJobUpdate,
			Warn:           warnCronJob,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{Columns: cronJobColumns(), Cells: cronJobCells},
		Subresources: []*kinds.Subresource{
			workload.Status(kinds.For[*batchv1.CronJob]{
				PrepareUpdate: func(_ kinds.Input, c, old *batchv1.CronJob) { c.Spec = old.Spec },
				ResetFields:   []string{"spec"},
			}.Rules()),
		},
	}
}

func defaultCronJob(c *batchv1.CronJob) {
	workload.DefaultTemplate(&c.Spec.JobTemplate.Spec.Template)
	defaultFailurePolicy(c.Spec.JobTemplate.Spec.PodFailurePolicy)
	if c.Spec.ConcurrencyPolicy == "" {
		c.Spec.ConcurrencyPolicy = batchv1.AllowConcurrent
	}
	set(&c.Spec.Suspend, false)
	set(&c.Spec.SuccessfulJobsHistoryLimit, 3)
	set(&c.Spec.FailedJobsHistoryLimit, 1)
}

func warnCronJob(c, old *batchv1.CronJob) []string {
	path := specPath.Child("jobTemplate", "spec")
	var warnings []string
	switch {
	case old == nil:
		warnings = append(workload.WarnName(c.Name), warnJobSpec(&c.Spec.JobTemplate.Spec, nil, path)...)
	case c.Generation != old.Generation:
		warnings = warnJobSpec(&c.Spec.JobTemplate.Spec, &old.Spec.JobTemplate.Spec, path)
	}
	if strings.Contains(c.Spec.Schedule, "TZ") {
		warnings = append(warnings, fmt.Sprintf("cannot use TZ or CRON_TZ in %s, use timeZone instead", specPath.Child("spec", "schedule")))
	}
	return warnings
}

func cronJobColumns() []metav1.TableColumnDefinition {
	spec, status := batchv1.CronJobSpec{}.SwaggerDoc(), batchv1.CronJobStatus{}.SwaggerDoc()
	return kinds.Columns(
		cells.NameColumn,
		kinds.Column{Name: "Schedule", Type: "string", Description: spec["schedule"]},
		kinds.Column{Name: "Timezone", Type: "string", Description: spec["timeZone"]},
		kinds.Column{Name: "Suspend", Type: "boolean", Description: spec["suspend"]},
		kinds.Column{Name: "Active", Type: "integer", Description: status["active"]},
		kinds.Column{Name: "Last Schedule", Type: "string", Description: status["lastScheduleTime"]},
		cells.AgeColumn,
		workload.ContainersColumn,
		workload.ImagesColumn,
		kinds.Column{Name: "Selector", Type: "string", Priority: 1, Description: batchv1.JobSpec{}.SwaggerDoc()["selector"]},
	)
}

func cronJobCells(obj kinds.Object, now time.Time) []any {
	c := obj.(*batchv1.CronJob)
	last, zone, suspend := "<none>", "<none>", "<unset>"
	if c.Status.LastScheduleTime != nil {
		last = cells.Age(*c.Status.LastScheduleTime, now)
	}
	if c.Spec.TimeZone != nil {
		zone = *c.Spec.TimeZone
	}
	if c.Spec.Suspend != nil {
		suspend = "False"
		if *c.Spec.Suspend {
			suspend = "True"
		}
	}
	names, images := workload.Containers(&c.Spec.JobTemplate.Spec.Template)
	return []any{
		c.Name, c.Spec.Schedule, zone, suspend, int64(len(c.Status.Active)), last, cells.Age(c.CreationTimestamp, now),
		names, images, selectors.Cell(c.Spec.JobTemplate.Spec.Selector),
	}
}
