// Package workload holds what the kinds that run pods from a template share: rules on the template and its
// selector, counts in a status, numbers that may be percentages, the Scale subresource, columns of tables.
// Callers: kinds/apps, kinds/batch, kinds/policy, kinds/core (ReplicationController). Order and texts of
// errors are those that clients see.
package workload

import (
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
)

// Nonnegative checks that a number is not below zero.
func Nonnegative(value int32, path *field.Path) field.ErrorList {
	return apivalidation.ValidateNonnegativeField(int64(value), path)
}

// OptionalNonnegative checks a number that may be absent.
func OptionalNonnegative(value *int32, path *field.Path) field.ErrorList {
	if value == nil {
		return nil
	}
	return Nonnegative(*value, path)
}

// Immutable refuses a value that differs from the stored one.
func Immutable(value, old any, path *field.Path) field.ErrorList {
	if kinds.Equal(value, old) {
		return nil
	}
	return field.ErrorList{field.Invalid(path, internalname.Value(value), apivalidation.FieldImmutableErrorMsg)}
}

// Begin makes metadata ready for a create: the first generation.
func Begin(meta *metav1.ObjectMeta) { meta.Generation = 1 }

// Advance keeps the generation, and raises it by one if what the object wants has changed.
func Advance(meta, old *metav1.ObjectMeta, changed bool) {
	meta.Generation = old.Generation
	if changed {
		meta.Generation++
	}
}

// Changed reports whether two specs differ in meaning.
func Changed(spec, old any) bool { return !kinds.Equal(spec, old) }

// Decremented reports whether an optional counter went down, or was taken away.
func Decremented(value, old *int32) bool {
	if old == nil {
		return false
	}
	return value == nil || *value < *old
}

// CollisionCount checks that a status does not count backwards.
func CollisionCount(value, old *int32, path *field.Path) field.ErrorList {
	if !Decremented(value, old) {
		return nil
	}
	var shown int32
	if value != nil {
		shown = *value
	}
	return field.ErrorList{field.Invalid(path, shown, "cannot be decremented")}
}
