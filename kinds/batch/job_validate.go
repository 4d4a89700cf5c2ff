package batch

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

// Limits that keep the lists of indexes in a job's status within what an object may hold.
const (
	maxIndexedParallelism = 100_000
	manyCompletions       = 100_000
	maxManyParallelism    = 10_000
	maxFailedIndexes      = 100_000
	maxManyFailedIndexes  = 10_000
	maxManagedBy          = 63
)

func validateJob(_ kinds.Input, j *batchv1.Job) field.ErrorList {
	errs := validateGeneratedSelector(j)
	errs = append(errs, validateJobSpec(&j.Spec, nil, selectors.Options{}, specPath)...)
	if isIndexed(&j.Spec) && deref(j.Spec.Completions) > 0 {
		hostname := fmt.Sprintf("%s-%d", j.Name, *j.Spec.Completions-1)
		if len(validation.IsDNS1123Label(hostname)) > 0 {
			errs = append(errs, field.Invalid(field.NewPath("metadata", "name"), j.Name,
				"will not able to create pod with invalid DNS label: "+hostname))
		}
	}
	return errs
}

// validateJobSpec checks a job's spec with its selector; oldTemplate is the stored one, nil on create.
func validateJobSpec(spec *batchv1.JobSpec, oldTemplate *corev1.PodTemplateSpec, opts selectors.Options, path *field.Path) field.ErrorList {
	errs := validateJobFields(spec, oldTemplate, path)
	if spec.Selector == nil {
		errs = append(errs, field.Required(path.Child("selector"), ""))
	} else {
		errs = append(errs, selectors.Validate(spec.Selector, opts, path.Child("selector"))...)
	}
	return append(errs, selectors.ValidateMatch(spec.Selector, spec.Template.Labels, path.Child("template", "metadata", "labels"))...)
}

// validateJobFields checks what a job and the job template of a CronJob have in common.
func validateJobFields(spec *batchv1.JobSpec, oldTemplate *corev1.PodTemplateSpec, path *field.Path) field.ErrorList {
	errs := workload.OptionalNonnegative(spec.Parallelism, path.Child("parallelism"))
	errs = append(errs, workload.OptionalNonnegative(spec.Completions, path.Child("completions"))...)
	if d := spec.ActiveDeadlineSeconds; d != nil && *d < 0 {
		errs = append(errs, field.Invalid(path.Child("activeDeadlineSeconds"), *d, "must be greater than or equal to 0"))
	}
	errs = append(errs, workload.OptionalNonnegative(spec.BackoffLimit, path.Child("backoffLimit"))...)
	errs = append(errs, workload.OptionalNonnegative(spec.TTLSecondsAfterFinished, path.Child("ttlSecondsAfterFinished"))...)
	errs = append(errs, workload.OptionalNonnegative(spec.BackoffLimitPerIndex, path.Child("backoffLimitPerIndex"))...)
	if spec.MaxFailedIndexes != nil {
		errs = append(errs, workload.Nonnegative(*spec.MaxFailedIndexes, path.Child("maxFailedIndexes"))...)
		if spec.BackoffLimitPerIndex == nil {
			errs = append(errs, field.Required(path.Child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"))
		}
	}
	if spec.ManagedBy != nil {
		managedBy := path.Child("managedBy")
		errs = append(errs, validation.IsDomainPrefixedPath(managedBy, *spec.ManagedBy)...)
		if len(*spec.ManagedBy) > maxManagedBy {
			errs = append(errs, field.TooLong(managedBy, *spec.ManagedBy, maxManagedBy))
		}
	}
	errs = append(errs, validateCompletionMode(spec, path)...)
	errs = append(errs, validateFailurePolicy(spec, path.Child("podFailurePolicy"))...)
	errs = append(errs, validateSuccessPolicy(spec, path.Child("successPolicy"))...)
	errs = append(errs, validateReplacementPolicy(spec, path.Child("podReplacementPolicy"))...)
	errs = append(errs, workload.ValidateTemplate(&spec.Template, oldTemplate, path.Child("template"))...)
	return append(errs, validateJobRestart(spec, path.Child("template", "spec", "restartPolicy"))...)
}

func isIndexed(spec *batchv1.JobSpec) bool {
	return deref(spec.CompletionMode) == batchv1.IndexedCompletion
}

func validateCompletionMode(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if mode := spec.CompletionMode; mode != nil {
		if *mode != batchv1.NonIndexedCompletion && *mode != batchv1.IndexedCompletion {
			errs = append(errs, field.NotSupported(path.Child("completionMode"), *mode,
				[]batchv1.CompletionMode{batchv1.NonIndexedCompletion, batchv1.IndexedCompletion}))
		}
		if *mode == batchv1.IndexedCompletion {
			errs = append(errs, validateIndexed(spec, path)...)
		}
	}
	if spec.CompletionMode == nil || *spec.CompletionMode == batchv1.NonIndexedCompletion {
		const msg = "requires indexed completion mode"
		if spec.BackoffLimitPerIndex != nil {
			errs = append(errs, field.Invalid(path.Child("backoffLimitPerIndex"), *spec.BackoffLimitPerIndex, msg))
		}
		if spec.MaxFailedIndexes != nil {
			errs = append(errs, field.Invalid(path.Child("maxFailedIndexes"), *spec.MaxFailedIndexes, msg))
		}
	}
	return errs
}

func validateIndexed(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	parallelism, failed := path.Child("parallelism"), path.Child("maxFailedIndexes")
	if spec.Completions == nil {
		errs = append(errs, field.Required(path.Child("completions"), fmt.Sprintf("when completion mode is %s", batchv1.IndexedCompletion)))
	}
	if p := spec.Parallelism; p != nil && *p > maxIndexedParallelism {
		errs = append(errs, field.Invalid(parallelism, *p,
			fmt.Sprintf("must be less than or equal to %d when completion mode is %s", maxIndexedParallelism, batchv1.IndexedCompletion)))
	}
	if spec.Completions != nil && spec.MaxFailedIndexes != nil && *spec.MaxFailedIndexes > *spec.Completions {
		errs = append(errs, field.Invalid(failed, *spec.MaxFailedIndexes, "must be less than or equal to completions"))
	}
	if spec.MaxFailedIndexes != nil && *spec.MaxFailedIndexes > maxFailedIndexes {
		errs = append(errs, field.Invalid(failed, *spec.MaxFailedIndexes, fmt.Sprintf("must be less than or equal to %d", maxFailedIndexes)))
	}
	if deref(spec.Completions) <= manyCompletions || spec.BackoffLimitPerIndex == nil {
		return errs
	}
	const msg = "must be less than or equal to %d when completions are above %d and used with backoff limit per index"
	if spec.MaxFailedIndexes == nil {
		errs = append(errs, field.Required(failed, fmt.Sprintf("must be specified when completions is above %d", manyCompletions)))
	}
	if p := spec.Parallelism; p != nil && *p > maxManyParallelism {
		errs = append(errs, field.Invalid(parallelism, *p, fmt.Sprintf(msg, maxManyParallelism, manyCompletions)))
	}
	if f := spec.MaxFailedIndexes; f != nil && *f > maxManyFailedIndexes {
		errs = append(errs, field.Invalid(failed, *f, fmt.Sprintf(msg, maxManyFailedIndexes, manyCompletions)))
	}
	return errs
}

func validateReplacementPolicy(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	if spec.PodReplacementPolicy == nil {
		return nil
	}
	switch p := *spec.PodReplacementPolicy; {
	case p == batchv1.Failed, p == batchv1.TerminatingOrFailed && spec.PodFailurePolicy == nil:
		return nil
	case spec.PodFailurePolicy != nil:
		return field.ErrorList{field.NotSupported(path, p, []batchv1.PodReplacementPolicy{batchv1.Failed})}
	default:
		return field.ErrorList{field.NotSupported(path, p, []batchv1.PodReplacementPolicy{batchv1.Failed, batchv1.TerminatingOrFailed})}
	}
}

func validateJobRestart(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	switch policy := spec.Template.Spec.RestartPolicy; policy {
	case "", corev1.RestartPolicyAlways:
		// Always is the default of pods, so it may stand for nothing said.
		return field.ErrorList{field.Required(path, fmt.Sprintf("valid values: %q, %q", corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever))}
	case corev1.RestartPolicyNever:
		return nil
	case corev1.RestartPolicyOnFailure:
		if spec.PodFailurePolicy != nil {
			return field.ErrorList{field.Invalid(path, policy, fmt.Sprintf("only %q is supported when podFailurePolicy is specified", corev1.RestartPolicyNever))}
		}
		return nil
	default:
		return field.ErrorList{field.NotSupported(path, policy, []corev1.RestartPolicy{corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever})}
	}
}

func warnJobSpec(spec, old *batchv1.JobSpec, path *field.Path) []string {
	var warnings []string
	if isIndexed(spec) && deref(spec.Completions) > manyCompletions && deref(spec.Parallelism) > maxManyParallelism {
		warnings = append(warnings, "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail")
	}
	var oldTemplate *corev1.PodTemplateSpec
	if old != nil {
		oldTemplate = &old.Template
	}
	return append(warnings, workload.WarnTemplate(&spec.Template, oldTemplate, path.Child("template"))...)
}

// internal is how errors show a value that has internal names.
func internal(v any) any { return internalname.Value(v) }
