package workload

import (
	"strconv"

	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// IntOrPercent checks a number that is not negative, or a percentage.
func IntOrPercent(value intstr.IntOrString, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch value.Type {
	case intstr.String:
		for _, msg := range validation.IsValidPercent(value.StrVal) {
			errs = append(errs, field.Invalid(path, value, msg))
		}
	case intstr.Int:
		errs = append(errs, Nonnegative(value.IntVal, path)...)
	default:
		errs = append(errs, field.Invalid(path, value, "must be an integer or percentage (e.g '5%%')"))
	}
	return errs
}

// AtMostAll checks that a percentage is not above 100 %. A number passes.
func AtMostAll(value intstr.IntOrString, path *field.Path) field.ErrorList {
	if percent, ok := percentage(value); ok && percent > 100 {
		return field.ErrorList{field.Invalid(path, value, "must not be greater than 100%")}
	}
	return nil
}

// Amount is the number or the percentage; zero for a text that is neither.
func Amount(value intstr.IntOrString) int {
	if percent, ok := percentage(value); ok {
		return percent
	}
	return value.IntValue()
}

// OptionalAmount is Amount, zero for none.
func OptionalAmount(value *intstr.IntOrString) int {
	if value == nil {
		return 0
	}
	return Amount(*value)
}

func percentage(value intstr.IntOrString) (int, bool) {
	if value.Type != intstr.String || len(validation.IsValidPercent(value.StrVal)) != 0 {
		return 0, false
	}
	// Digits alone: the only error is a number too large, and then n is the largest there is.
	n, _ := strconv.Atoi(value.StrVal[:len(value.StrVal)-1])
	return n, true
}
