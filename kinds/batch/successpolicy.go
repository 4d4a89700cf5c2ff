package batch

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/workload"
)

const (
	maxSuccessRules  = 20
	maxIndexesLength = 64 * 1024
)

func validateSuccessPolicy(spec *batchv1.JobSpec, path *field.Path) field.ErrorList {
	policy := spec.SuccessPolicy
	if policy == nil {
		return nil
	}
	if !isIndexed(spec) {
		return field.ErrorList{field.Invalid(path, internal(*policy), "requires indexed completion mode")}
	}
	var errs field.ErrorList
	rules := path.Child("rules")
	if len(policy.Rules) == 0 {
		errs = append(errs, field.Required(rules, "at least one rules must be specified when the successPolicy is specified"))
	}
	if n := len(policy.Rules); n > maxSuccessRules {
		errs = append(errs, field.TooMany(rules, n, maxSuccessRules))
	}
	for i := range policy.Rules {
		errs = append(errs, validateSuccessRule(&policy.Rules[i], deref(spec.Completions), rules.Index(i))...)
	}
	return errs
}

func validateSuccessRule(rule *batchv1.SuccessPolicyRule, completions int32, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if rule.SucceededCount == nil && rule.SucceededIndexes == nil {
		errs = append(errs, field.Required(path, "at least one of succeededCount or succeededIndexes must be specified"))
	}
	var total int32
	if rule.SucceededIndexes != nil {
		indexes := path.Child("succeededIndexes")
		if len(*rule.SucceededIndexes) > maxIndexesLength {
			errs = append(errs, field.TooLong(indexes, *rule.SucceededIndexes, maxIndexesLength))
		}
		var err error
		if total, err = countIndexes(*rule.SucceededIndexes, completions); err != nil {
			errs = append(errs, field.Invalid(indexes, *rule.SucceededIndexes, "error parsing succeededIndexes: "+err.Error()))
		}
	}
	if rule.SucceededCount != nil {
		count, n := path.Child("succeededCount"), *rule.SucceededCount
		errs = append(errs, workload.Nonnegative(n, count)...)
		if n > completions {
			errs = append(errs, field.Invalid(count, n, fmt.Sprintf("must be less than or equal to %d (the number of specified completions)", completions)))
		}
		if rule.SucceededIndexes != nil && n > total {
			errs = append(errs, field.Invalid(count, n, fmt.Sprintf("must be less than or equal to %d (the number of indexes in the specified succeededIndexes field)", total)))
		}
	}
	return errs
}
