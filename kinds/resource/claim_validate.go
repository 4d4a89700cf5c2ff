package resource

import (
	"strings"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateClaim checks what a new claim asks for, in a claim or a template.
func validateClaim(claim *resourcev1.DeviceClaim, path *field.Path) field.ErrorList {
	names := requestNames(claim)
	errs := each(claim.Requests, resourcev1.DeviceRequestsMaxSize, path.Child("requests"), validateRequest)
	errs = append(errs, each(claim.Constraints, resourcev1.DeviceConstraintsMaxSize, path.Child("constraints"),
		func(c *resourcev1.DeviceConstraint, path *field.Path) field.ErrorList {
			errs := validateRequestRefs(c.Requests, names, path)
			if c.MatchAttribute == nil && c.DistinctAttribute == nil {
				errs = append(errs, field.Required(path, `exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set`))
			}
			return errs
		})...)
	return append(errs, each(claim.Config, resourcev1.DeviceConfigMaxSize, path.Child("config"),
		func(c *resourcev1.DeviceClaimConfiguration, path *field.Path) field.ErrorList {
			errs := validateRequestRefs(c.Requests, names, path)
			return append(errs, validateConfig(&c.DeviceConfiguration, false, path)...)
		})...)
}

func validateRequest(r *resourcev1.DeviceRequest, path *field.Path) field.ErrorList {
	const one = "exactly one of `exactly` or `firstAvailable` is required"
	errs := checkLabel(r.Name, path.Child("name"))
	if len(r.FirstAvailable) > 0 {
		errs = append(errs, each(r.FirstAvailable, resourcev1.FirstAvailableDeviceRequestMaxSize, path.Child("firstAvailable"), validateSubRequest)...)
	}
	if r.Exactly != nil {
		errs = append(errs, validateExactly(r.Exactly, path.Child("exactly"))...)
	}
	switch alternatives := len(r.FirstAvailable) > 0; {
	case alternatives && r.Exactly != nil:
		errs = append(errs, field.Invalid(path, nil, one+", but multiple fields are set"))
	case !alternatives && r.Exactly == nil:
		errs = append(errs, field.Required(path, one))
	}
	return errs
}

func validateSubRequest(r *resourcev1.DeviceSubRequest, path *field.Path) field.ErrorList {
	errs := checkLabel(r.Name, path.Child("name"))
	errs = append(errs, validateSelectors(r.Selectors, false, path.Child("selectors"))...)
	errs = append(errs, validateCount(r.AllocationMode, r.Count, path.Child("count"))...)
	return append(errs, validateTolerations(r.Tolerations, path.Child("tolerations"))...)
}

func validateExactly(r *resourcev1.ExactDeviceRequest, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if class := path.Child("deviceClassName"); r.DeviceClassName == "" {
		errs = append(errs, field.Required(class, ""))
	} else {
		errs = append(errs, checkSubdomain(r.DeviceClassName, class)...)
	}
	errs = append(errs, validateSelectors(r.Selectors, false, path.Child("selectors"))...)
	errs = append(errs, validateCount(r.AllocationMode, r.Count, path.Child("count"))...)
	return append(errs, validateTolerations(r.Tolerations, path.Child("tolerations"))...)
}

func validateCount(mode resourcev1.DeviceAllocationMode, count int64, path *field.Path) field.ErrorList {
	switch {
	case mode == resourcev1.DeviceAllocationModeAll && count != 0:
		return field.ErrorList{field.Invalid(path, count, "must not be specified when allocationMode is 'All'")}
	case mode == resourcev1.DeviceAllocationModeExactCount && count <= 0:
		return field.ErrorList{field.Invalid(path, count, "must be greater than zero")}
	}
	return nil
}

func validateTolerations(tolerations []resourcev1.DeviceToleration, path *field.Path) field.ErrorList {
	return each(tolerations, len(tolerations), path, func(t *resourcev1.DeviceToleration, path *field.Path) field.ErrorList {
		path = path.Child("value")
		switch {
		case t.Operator == resourcev1.DeviceTolerationOpEqual:
			return checkLabelValue(t.Value, path)
		case t.Operator == resourcev1.DeviceTolerationOpExists && t.Value != "":
			return field.ErrorList{field.Invalid(path, t.Value, "must be empty for operator `Exists`")}
		}
		return nil
	})
}

// requestNames are the names by which a claim's requests can be meant: "request" and "request/subrequest".
func requestNames(claim *resourcev1.DeviceClaim) map[string]bool {
	names := make(map[string]bool, len(claim.Requests))
	for i := range claim.Requests {
		request := &claim.Requests[i]
		names[request.Name] = true
		for j := range request.FirstAvailable {
			names[request.Name+"/"+request.FirstAvailable[j].Name] = true
		}
	}
	return names
}

// maxRequestRefs bounds the requests that one constraint or configuration is about.
const maxRequestRefs = 32

func validateRequestRefs(refs []string, names map[string]bool, path *field.Path) field.ErrorList {
	return each(refs, maxRequestRefs, path.Child("requests"), func(ref *string, path *field.Path) field.ErrorList {
		return validateRequestRef(*ref, names, path)
	})
}

func validateRequestRef(ref string, names map[string]bool, path *field.Path) field.ErrorList {
	const must = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
	segments := strings.Split(ref, "/")
	if len(segments) > 2 {
		return field.ErrorList{field.Invalid(path, ref, must)}
	}
	var errs field.ErrorList
	for _, segment := range segments {
		errs = append(errs, checkLabel(segment, path)...)
	}
	if !names[ref] {
		errs = append(errs, field.Invalid(path, ref, must))
	}
	return errs
}
