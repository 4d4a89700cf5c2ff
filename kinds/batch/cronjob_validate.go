package batch

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // time zones are the same wherever the server runs

	"github.com/robfig/cron/v3"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/workload"
)

// maxCronJobName leaves room for what a job's name has more than that of its cron job: "-" and a time.
const maxCronJobName = 52

func validateCronJob(_ kinds.Input, c *batchv1.CronJob) field.ErrorList {
	errs := validateCronJobSpec(&c.Spec, nil)
	if len(c.Name) > maxCronJobName {
		errs = append(errs, field.Invalid(field.NewPath("metadata", "name"), c.Name, fmt.Sprintf("must be no more than %d characters", maxCronJobName)))
	}
	return append(errs, requireSchedule(&c.Spec)...)
}

func validateCronJobUpdate(_ kinds.Input, c, old *batchv1.CronJob) field.ErrorList {
	return append(validateCronJobSpec(&c.Spec, &old.Spec), requireSchedule(&c.Spec)...)
}

// requireSchedule is apart because it is reported last.
func requireSchedule(spec *batchv1.CronJobSpec) field.ErrorList {
	if spec.Schedule == "" {
		return field.ErrorList{field.Required(specPath.Child("schedule"), "")}
	}
	return nil
}

func validateCronJobSpec(spec, old *batchv1.CronJobSpec) field.ErrorList {
	var errs field.ErrorList
	if spec.Schedule != "" {
		// A zone in the schedule was never documented; who has one keeps it.
		hadZone := old != nil && strings.Contains(old.Schedule, "TZ")
		errs = append(errs, validateSchedule(spec, hadZone, specPath.Child("schedule"))...)
	}
	if d := spec.StartingDeadlineSeconds; d != nil && *d < 0 {
		errs = append(errs, field.Invalid(specPath.Child("startingDeadlineSeconds"), *d, "must be greater than or equal to 0"))
	}
	if old == nil || differs(spec.TimeZone, old.TimeZone) {
		errs = append(errs, validateTimeZone(spec.TimeZone, specPath.Child("timeZone"))...)
	}
	errs = append(errs, validateConcurrency(spec.ConcurrencyPolicy, specPath.Child("concurrencyPolicy"))...)
	var oldTemplate *corev1.PodTemplateSpec
	if old != nil {
		oldTemplate = &old.JobTemplate.Spec.Template
	}
	errs = append(errs, validateJobTemplate(&spec.JobTemplate.Spec, oldTemplate, specPath.Child("jobTemplate", "spec"))...)
	errs = append(errs, workload.OptionalNonnegative(spec.SuccessfulJobsHistoryLimit, specPath.Child("successfulJobsHistoryLimit"))...)
	return append(errs, workload.OptionalNonnegative(spec.FailedJobsHistoryLimit, specPath.Child("failedJobsHistoryLimit"))...)
}

func validateSchedule(spec *batchv1.CronJobSpec, allowZone bool, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if err := parseSchedule(spec.Schedule); err != nil {
		errs = append(errs, field.Invalid(path, spec.Schedule, err.Error()))
	}
	if strings.Contains(spec.Schedule, "TZ") {
		switch {
		case allowZone && deref(spec.TimeZone) != "":
			errs = append(errs, field.Invalid(path, spec.Schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"))
		case !allowZone:
			errs = append(errs, field.Invalid(path, spec.Schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"))
		}
	}
	return errs
}

// parseSchedule says what is wrong with a schedule. The parser panics on "TZ=" without a space after it.
func parseSchedule(schedule string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("invalid schedule format: %v", r)
		}
	}()
	_, err = cron.ParseStandard(schedule)
	return err
}

var zonePart = regexp.MustCompile(`^[A-Za-z\.\-_0-9+]{1,14}$`)

func validateTimeZone(zone *string, path *field.Path) field.ErrorList {
	if zone == nil {
		return nil
	}
	if *zone == "" {
		return field.ErrorList{field.Invalid(path, *zone, "timeZone must be nil or non-empty string")}
	}
	for part := range strings.SplitSeq(*zone, "/") {
		if part == "." || part == ".." || strings.HasPrefix(part, "-") || !zonePart.MatchString(part) {
			return field.ErrorList{field.Invalid(path, *zone, "unknown time zone "+*zone)}
		}
	}
	var errs field.ErrorList
	if strings.EqualFold(*zone, "Local") {
		errs = append(errs, field.Invalid(path, *zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"))
	}
	if _, err := time.LoadLocation(*zone); err != nil {
		errs = append(errs, field.Invalid(path, *zone, err.Error()))
	}
	return errs
}

func validateConcurrency(policy batchv1.ConcurrencyPolicy, path *field.Path) field.ErrorList {
	switch policy {
	case batchv1.AllowConcurrent, batchv1.ForbidConcurrent, batchv1.ReplaceConcurrent:
		return nil
	case "":
		return field.ErrorList{field.Required(path, "")}
	}
	return field.ErrorList{field.NotSupported(path, policy, []batchv1.ConcurrencyPolicy{
		batchv1.AllowConcurrent, batchv1.ForbidConcurrent, batchv1.ReplaceConcurrent})}
}

// validateJobTemplate checks the spec of jobs to come; their selector is always generated.
func validateJobTemplate(spec *batchv1.JobSpec, oldTemplate *corev1.PodTemplateSpec, path *field.Path) field.ErrorList {
	errs := validateJobFields(spec, oldTemplate, path)
	if spec.Selector != nil {
		errs = append(errs, field.Invalid(path.Child("selector"), spec.Selector, "`selector` will be auto-generated"))
	}
	if deref(spec.ManualSelector) {
		errs = append(errs, field.NotSupported(path.Child("manualSelector"), spec.ManualSelector, []string{"nil", "false"}))
	}
	return errs
}
