package autoscaling

import (
	"fmt"
	"slices"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	maxWindow = 3600 // seconds
	maxPeriod = 1800 // seconds
)

var selectPolicies = []autoscalingv2.ScalingPolicySelect{
	autoscalingv2.DisabledPolicySelect, autoscalingv2.MaxChangePolicySelect, autoscalingv2.MinChangePolicySelect,
}

var policyTypes = []autoscalingv2.HPAScalingPolicyType{autoscalingv2.PercentScalingPolicy, autoscalingv2.PodsScalingPolicy}

func validateScaling(rules *autoscalingv2.HPAScalingRules, at *field.Path) field.ErrorList {
	if rules == nil {
		return nil
	}
	var errs field.ErrorList
	if w := rules.StabilizationWindowSeconds; w != nil {
		window := at.Child("stabilizationWindowSeconds")
		if *w < 0 {
			errs = append(errs, field.Invalid(window, *w, "must be greater than or equal to zero"))
		}
		if *w > maxWindow {
			errs = append(errs, field.Invalid(window, *w, fmt.Sprintf("must be less than or equal to %v", maxWindow)))
		}
	}
	if p := rules.SelectPolicy; p != nil && !slices.Contains(selectPolicies, *p) {
		errs = append(errs, field.NotSupported(at.Child("selectPolicy"), *p, selectPolicies))
	}
	policies := at.Child("policies")
	if len(rules.Policies) == 0 {
		errs = append(errs, field.Required(policies, "must specify at least one Policy"))
	}
	for i := range rules.Policies {
		errs = append(errs, validatePolicy(&rules.Policies[i], policies.Index(i))...)
	}
	if t := rules.Tolerance; t != nil && t.Sign() < 0 {
		errs = append(errs, field.Invalid(at.Child("tolerance"), t.String(), "must be greater than or equal to 0"))
	}
	return errs
}

func validatePolicy(p *autoscalingv2.HPAScalingPolicy, at *field.Path) field.ErrorList {
	var errs field.ErrorList
	if !slices.Contains(policyTypes, p.Type) {
		errs = append(errs, field.NotSupported(at.Child("type"), p.Type, policyTypes))
	}
	if p.Value <= 0 {
		errs = append(errs, field.Invalid(at.Child("value"), p.Value, "must be greater than zero"))
	}
	if p.PeriodSeconds <= 0 {
		errs = append(errs, field.Invalid(at.Child("periodSeconds"), p.PeriodSeconds, "must be greater than zero"))
	}
	if p.PeriodSeconds > maxPeriod {
		errs = append(errs, field.Invalid(at.Child("periodSeconds"), p.PeriodSeconds, fmt.Sprintf("must be less than or equal to %v", maxPeriod)))
	}
	return errs
}
