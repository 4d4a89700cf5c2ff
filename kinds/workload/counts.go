package workload

import "k8s.io/apimachinery/pkg/util/validation/field"

// Counts are the numbers of a ReplicaSet's or ReplicationController's status.
type Counts struct {
	Replicas, FullyLabeled, Ready, Available int32
	Terminating                              *int32
	ObservedGeneration                       int64
}

// Validate checks that no number is negative and none above the whole; path is that of the status.
func (c Counts) Validate(path *field.Path) field.ErrorList {
	errs := Nonnegative(c.Replicas, path.Child("replicas"))
	errs = append(errs, Nonnegative(c.FullyLabeled, path.Child("fullyLabeledReplicas"))...)
	errs = append(errs, Nonnegative(c.Ready, path.Child("readyReplicas"))...)
	errs = append(errs, Nonnegative(c.Available, path.Child("availableReplicas"))...)
	errs = append(errs, OptionalNonnegative(c.Terminating, path.Child("terminatingReplicas"))...)
	errs = append(errs, Generation(c.ObservedGeneration, path)...)
	const msg = "cannot be greater than status.replicas"
	errs = append(errs, NotAbove(c.FullyLabeled, c.Replicas, path.Child("fullyLabeledReplicas"), msg)...)
	errs = append(errs, NotAbove(c.Ready, c.Replicas, path.Child("readyReplicas"), msg)...)
	errs = append(errs, NotAbove(c.Available, c.Replicas, path.Child("availableReplicas"), msg)...)
	return append(errs, NotAbove(c.Available, c.Ready, path.Child("availableReplicas"), "cannot be greater than readyReplicas")...)
}

// NotAbove refuses a number above another with the given text.
func NotAbove(value, most int32, path *field.Path, msg string) field.ErrorList {
	if value > most {
		return field.ErrorList{field.Invalid(path, value, msg)}
	}
	return nil
}

// Generation checks a status's observedGeneration; path is that of the status.
func Generation(value int64, path *field.Path) field.ErrorList {
	if value < 0 {
		return field.ErrorList{field.Invalid(path.Child("observedGeneration"), value, negative)}
	}
	return nil
}

const negative = "must be greater than or equal to 0"
