package flowcontrol

import (
	"fmt"
	"math"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
)

func defaultPriorityLevel(obj *flowcontrolv1.PriorityLevelConfiguration) {
	unset := func(p **int32, value int32) {
		if *p == nil {
			*p = &value
		}
	}
	if l := obj.Spec.Limited; l != nil {
		unset(&l.NominalConcurrencyShares, 30)
		unset(&l.LendablePercent, 0)
		if q := l.LimitResponse.Queuing; q != nil {
			if q.Queues == 0 {
				q.Queues = 64
			}
			if q.HandSize == 0 {
				q.HandSize = 8
			}
			if q.QueueLengthLimit == 0 {
				q.QueueLengthLimit = 50
			}
		}
	}
	if e := obj.Spec.Exempt; e != nil {
		unset(&e.NominalConcurrencyShares, 0)
		unset(&e.LendablePercent, 0)
	}
}

func validatePriorityLevel(_ kinds.Input, obj *flowcontrolv1.PriorityLevelConfiguration) field.ErrorList {
	path, spec := field.NewPath("spec"), &obj.Spec
	var errs field.ErrorList
	exempt := spec.Type == flowcontrolv1.PriorityLevelEnablementExempt
	if (obj.Name == flowcontrolv1.PriorityLevelConfigurationNameExempt) != exempt {
		errs = append(errs, field.Invalid(path.Child("type"), spec.Type, "must be 'Exempt' if and only if `name` is 'exempt'"))
	}
	switch spec.Type {
	case flowcontrolv1.PriorityLevelEnablementExempt:
		errs = append(errs, validateExempt(spec.Exempt, path.Child("exempt"))...)
	case flowcontrolv1.PriorityLevelEnablementLimited:
		errs = append(errs, validateLimited(spec.Limited, path.Child("limited"))...)
	case "":
	default:
		errs = append(errs, field.NotSupported(path.Child("type"), spec.Type, []flowcontrolv1.PriorityLevelEnablement{
			flowcontrolv1.PriorityLevelEnablementExempt, flowcontrolv1.PriorityLevelEnablementLimited,
		}))
	}
	errs = append(errs, validateFixedLevel(obj, path)...)
	errs = append(errs, validatePriorityLevelStatus(obj)...)
	return append(errs, declaredPriorityLevel(spec, path)...)
}

// declaredPriorityLevel are the rules that upstream declares on the type: which parts a type has.
func declaredPriorityLevel(spec *flowcontrolv1.PriorityLevelConfigurationSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if spec.Exempt != nil && spec.Type != flowcontrolv1.PriorityLevelEnablementExempt {
		errs = append(errs, field.Forbidden(path.Child("exempt"), ""))
	}
	limited := spec.Type == flowcontrolv1.PriorityLevelEnablementLimited
	switch {
	case limited && spec.Limited == nil:
		errs = append(errs, field.Required(path.Child("limited"), ""))
	case !limited && spec.Limited != nil:
		errs = append(errs, field.Forbidden(path.Child("limited"), ""))
	}
	if spec.Type == "" {
		errs = append(errs, field.Required(path.Child("type"), ""))
	}
	if spec.Limited == nil {
		return errs
	}
	response, p := &spec.Limited.LimitResponse, path.Child("limited", "limitResponse")
	queue := response.Type == flowcontrolv1.LimitResponseTypeQueue
	switch {
	case queue && response.Queuing == nil:
		errs = append(errs, field.Required(p.Child("queuing"), ""))
	case !queue && response.Queuing != nil:
		errs = append(errs, field.Forbidden(p.Child("queuing"), ""))
	}
	if response.Type == "" {
		errs = append(errs, field.Required(p.Child("type"), ""))
	}
	return errs
}

func validateFixedLevel(obj *flowcontrolv1.PriorityLevelConfiguration, path *field.Path) field.ErrorList {
	fixed := mandatoryLevel(obj.Name)
	if fixed == nil {
		return nil
	}
	text := "spec of '%s' must equal the fixed value"
	if obj.Name == flowcontrolv1.PriorityLevelConfigurationNameExempt {
		text = "spec of '%s' except the 'spec.exempt' field must equal the fixed value"
		fixed.Exempt = obj.Spec.Exempt
	}
	if equality.Semantic.DeepEqual(obj.Spec, *fixed) {
		return nil
	}
	return field.ErrorList{field.Invalid(path, internalname.Value(obj.Spec), fmt.Sprintf(text, obj.Name))}
}

func validatePriorityLevelStatus(obj *flowcontrolv1.PriorityLevelConfiguration) field.ErrorList {
	types := make([]string, len(obj.Status.Conditions))
	for i, c := range obj.Status.Conditions {
		types[i] = string(c.Type)
	}
	return validateConditionTypes(types)
}

func validateExempt(e *flowcontrolv1.ExemptPriorityLevelConfiguration, path *field.Path) field.ErrorList {
	if e == nil {
		return nil
	}
	return append(validateShares(e.NominalConcurrencyShares, path), validateLendable(e.LendablePercent, path)...)
}

func validateLimited(l *flowcontrolv1.LimitedPriorityLevelConfiguration, path *field.Path) field.ErrorList {
	if l == nil {
		return nil
	}
	errs := validateShares(l.NominalConcurrencyShares, path)
	errs = append(errs, validateLimitResponse(&l.LimitResponse, path.Child("limitResponse"))...)
	errs = append(errs, validateLendable(l.LendablePercent, path)...)
	if p := l.BorrowingLimitPercent; p != nil && *p < 0 {
		errs = append(errs, field.Invalid(path.Child("borrowingLimitPercent"), *p, "if specified, must be a non-negative integer"))
	}
	return errs
}

func validateShares(shares *int32, path *field.Path) field.ErrorList {
	if shares == nil || *shares >= 0 {
		return nil
	}
	return field.ErrorList{field.Invalid(path.Child("nominalConcurrencyShares"), *shares, "must be a non-negative integer")}
}

func validateLendable(percent *int32, path *field.Path) field.ErrorList {
	if percent == nil || *percent >= 0 && *percent <= 100 {
		return nil
	}
	return field.ErrorList{field.Invalid(path.Child("lendablePercent"), *percent, "must be between 0 and 100, inclusive")}
}

func validateLimitResponse(r *flowcontrolv1.LimitResponse, path *field.Path) field.ErrorList {
	switch r.Type {
	case flowcontrolv1.LimitResponseTypeReject, "":
	case flowcontrolv1.LimitResponseTypeQueue:
		if r.Queuing != nil {
			return validateQueuing(r.Queuing, path.Child("queuing"))
		}
	default:
		return field.ErrorList{field.NotSupported(path.Child("type"), r.Type, []flowcontrolv1.LimitResponseType{
			flowcontrolv1.LimitResponseTypeQueue, flowcontrolv1.LimitResponseTypeReject,
		})}
	}
	return nil
}

// Bounds of queues: how many, and how many random bits dealing a hand of them may take.
const (
	maxQueues  = 10 * 1000 * 1000
	maxEntropy = 60
)

func validateQueuing(q *flowcontrolv1.QueuingConfiguration, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	bad := func(name string, value int32, msg string) {
		errs = append(errs, field.Invalid(path.Child(name), value, msg))
	}
	if q.QueueLengthLimit <= 0 {
		bad("queueLengthLimit", q.QueueLengthLimit, "must be positive")
	}
	if q.Queues <= 0 {
		bad("queues", q.Queues, "must be positive")
	} else if q.Queues > maxQueues {
		bad("queues", q.Queues, fmt.Sprintf("must not be greater than %d", maxQueues))
	}
	switch {
	case q.HandSize <= 0:
		bad("handSize", q.HandSize, "must be positive")
	case q.HandSize > q.Queues:
		bad("handSize", q.HandSize, fmt.Sprintf("should not be greater than queues (%d)", q.Queues))
	case int(math.Ceil(math.Log2(float64(q.Queues))*float64(q.HandSize))) > maxEntropy:
		bad("handSize", q.HandSize, fmt.Sprintf("required entropy bits of deckSize %d and handSize %d should not be greater than %d", q.Queues, q.HandSize, maxEntropy))
	}
	return errs
}
