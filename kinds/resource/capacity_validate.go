package resource

import (
	"strconv"

	resourcev1 "k8s.io/api/resource/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxValidValues bounds the amounts that a policy lists.
const maxValidValues = 10

// validateCapacity checks how much of a capacity a request gets, which only devices that several claims
// can share may say.
func validateCapacity(c *resourcev1.DeviceCapacity, shared bool, path *field.Path) field.ErrorList {
	policy, path := c.RequestPolicy, path.Child("requestPolicy")
	switch {
	case policy == nil:
		return nil
	case !shared:
		return field.ErrorList{field.Forbidden(path, "allowMultipleAllocations must be true")}
	}
	values, ranged := len(policy.ValidValues) > 0, policy.ValidRange != nil
	switch {
	case values && ranged:
		return field.ErrorList{field.Forbidden(path, `exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`)}
	case values && policy.Default == nil:
		return field.ErrorList{field.Required(path.Child("default"), "required when validValues is defined")}
	case ranged && policy.Default == nil:
		return field.ErrorList{field.Required(path.Child("default"), "required when validRange is defined")}
	case values:
		return validateValidValues(policy.ValidValues, *policy.Default, c.Value, path.Child("validValues"))
	case ranged:
		return validateValidRange(policy.ValidRange, *policy.Default, c.Value, path.Child("validRange"))
	}
	return nil
}

func validateValidValues(values []apiresource.Quantity, byDefault, capacity apiresource.Quantity, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := 1; i < len(values); i++ {
		if values[i-1].Cmp(values[i]) > 0 {
			errs = append(errs, field.Invalid(path.Index(i), values[i].String(), "values must be sorted in ascending order"))
		}
	}
	found := false
	errs = append(errs, atMost(values, maxValidValues, path, func(v *apiresource.Quantity, path *field.Path) field.ErrorList {
		found = found || v.Cmp(byDefault) == 0
		if v.Cmp(capacity) <= 0 {
			return nil
		}
		return field.ErrorList{field.Invalid(path, v.String(), "option is larger than capacity value: "+capacity.String())}
	})...)
	errs = append(errs, distinct(values, path, func(v *apiresource.Quantity) string { return strconv.FormatInt(v.Value(), 10) })...)
	if !found {
		errs = append(errs, field.Invalid(path, byDefault.String(), "default value is not valid according to the requestPolicy"))
	}
	return errs
}

func validateValidRange(r *resourcev1.CapacityRequestPolicyRange, byDefault, capacity apiresource.Quantity, path *field.Path) field.ErrorList {
	if r.Min == nil {
		return field.ErrorList{field.Required(path.Child("min"), "required when validRange is defined")}
	}
	var errs field.ErrorList
	refuse := func(name string, value apiresource.Quantity, text string, bound apiresource.Quantity) {
		errs = append(errs, field.Invalid(path.Child(name), value.String(), text+bound.String()))
	}
	if r.Min.Cmp(capacity) > 0 {
		refuse("min", *r.Min, "min is larger than capacity value: ", capacity)
	}
	if byDefault.Cmp(*r.Min) < 0 {
		refuse("min", byDefault, "default is less than min: ", *r.Min)
	}
	if r.Max != nil {
		if r.Min.Cmp(*r.Max) > 0 {
			refuse("max", *r.Min, "min is larger than max: ", *r.Max)
		}
		if r.Max.Cmp(capacity) > 0 {
			refuse("max", *r.Max, "max is larger than capacity value: ", capacity)
		}
		if byDefault.Cmp(*r.Max) > 0 {
			refuse("max", byDefault, "default is more than max: ", *r.Max)
		}
	}
	if r.Step == nil {
		return errs
	}
	first := r.Min.DeepCopy()
	first.Add(*r.Step)
	if first.Cmp(capacity) > 0 {
		refuse("step", *r.Step, "one step "+first.String()+" is larger than capacity value: ", capacity)
	}
	onStep := func(value apiresource.Quantity) {
		if step := r.Step.Value(); step != 0 && (value.Value()-r.Min.Value())%step != 0 {
			errs = append(errs, field.Invalid(path.Child("step"), value.String(), "value is not a multiple of a given step ("+r.Step.String()+") from ("+r.Min.String()+")"))
		}
	}
	onStep(byDefault)
	if r.Max != nil {
		onStep(*r.Max)
	}
	return errs
}

// validateCounters bounds what a set of counters holds; the names are declared.
func validateCounters(counters map[string]resourcev1.Counter, most int, path *field.Path) field.ErrorList {
	if len(counters) > most {
		return field.ErrorList{field.TooMany(path.Child("counters"), len(counters), most)}
	}
	return nil
}
