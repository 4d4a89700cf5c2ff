package resource

import (
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/podspec"
)

// validateClaimStatus checks a written status against the one before and the claim's spec.
func validateClaimStatus(claim, old *resourcev1.ResourceClaim) field.ErrorList {
	status, path := &claim.Status, field.NewPath("status")
	errs := each(status.ReservedFor, resourcev1.ResourceClaimReservedForMaxSize, path.Child("reservedFor"), validateConsumer)
	allocated := allocatedDevices(status.Allocation)
	errs = append(errs, each(status.Devices, len(status.Devices), path.Child("devices"),
		func(d *resourcev1.AllocatedDeviceStatus, path *field.Path) field.ErrorList {
			return validateDeviceStatus(d, allocated, path)
		})...)
	errs = append(errs, validateReservations(claim, old, path.Child("reservedFor"))...)
	if status.Allocation != nil && old.Status.Allocation == nil { // afterwards it does not change: declared
		errs = append(errs, validateAllocation(status.Allocation, requestNames(&claim.Spec.Devices), path.Child("allocation"))...)
	}
	return errs
}

func validateConsumer(c *resourcev1.ResourceClaimConsumerReference, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, f := range []struct{ name, value string }{{"resource", c.Resource}, {"name", c.Name}, {"uid", string(c.UID)}} {
		if f.value == "" {
			errs = append(errs, field.Required(path.Child(f.name), ""))
		}
	}
	return errs
}

// validateReservations checks that a claim may be reserved: it is allocated and, for new ones, stays.
func validateReservations(claim, old *resourcev1.ResourceClaim, path *field.Path) field.ErrorList {
	if len(claim.Status.ReservedFor) == 0 {
		return nil
	}
	if claim.Status.Allocation == nil {
		return field.ErrorList{field.Forbidden(path, "may not be specified when `allocated` is not set")}
	}
	if claim.DeletionTimestamp == nil {
		return nil
	}
	had := make(map[resourcev1.ResourceClaimConsumerReference]bool, len(old.Status.ReservedFor))
	for _, c := range old.Status.ReservedFor {
		had[c] = true
	}
	for _, c := range claim.Status.ReservedFor {
		if !had[c] {
			return field.ErrorList{field.Forbidden(path, "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set")}
		}
	}
	return nil
}

func validateAllocation(a *resourcev1.AllocationResult, names map[string]bool, path *field.Path) field.ErrorList {
	devices := path.Child("devices")
	errs := each(a.Devices.Results, resourcev1.AllocationResultsMaxSize, devices.Child("results"),
		func(r *resourcev1.DeviceRequestAllocationResult, path *field.Path) field.ErrorList {
			errs := validateRequestRef(r.Request, names, path.Child("request"))
			errs = append(errs, checkLabel(r.Device, path.Child("device"))...)
			return append(errs, validateBinding(r.BindingConditions, r.BindingFailureConditions, path)...)
		})
	const most = 2 * resourcev1.DeviceConfigMaxSize // from the class and from the claim
	errs = append(errs, each(a.Devices.Config, most, devices.Child("config"),
		func(c *resourcev1.DeviceAllocationConfiguration, path *field.Path) field.ErrorList {
			errs := validateRequestRefs(c.Requests, names, path)
			return append(errs, validateConfig(&c.DeviceConfiguration, false, path)...)
		})...)
	if a.NodeSelector != nil {
		errs = append(errs, podspec.ValidateNodeSelector(a.NodeSelector, path.Child("nodeSelector"))...)
	}
	return errs
}

// validateBinding checks the conditions that a device needs before a pod is bound, and those that say it
// will not get ready: there are both or none.
func validateBinding(conditions, failures []string, path *field.Path) field.ErrorList {
	ready, failed := path.Child("bindingConditions"), path.Child("bindingFailureConditions")
	errs := validateBindingNames(conditions, resourcev1.BindingConditionsMaxSize, ready)
	errs = append(errs, validateBindingNames(failures, resourcev1.BindingFailureConditionsMaxSize, failed)...)
	has := make(map[string]bool, len(conditions))
	for _, c := range conditions {
		has[c] = true
	}
	for i, c := range failures {
		if has[c] {
			errs = append(errs, field.Invalid(failed.Index(i), c, "bindingFailureConditions must not overlap with bindingConditions"))
		}
	}
	switch {
	case len(conditions) == 0 && len(failures) > 0:
		errs = append(errs, field.Invalid(ready, nil, "bindingConditions are required to use bindingFailureConditions"))
	case len(conditions) > 0 && len(failures) == 0:
		errs = append(errs, field.Invalid(failed, nil, "bindingFailureConditions are required to use bindingConditions"))
	}
	return errs
}

func validateBindingNames(names []string, most int, path *field.Path) field.ErrorList {
	errs := each(names, most, path, func(name *string, path *field.Path) field.ErrorList { return checkLabelKey(*name, path) })
	if len(names) > most {
		return errs
	}
	return append(errs, distinct(names, path, func(name *string) string { return *name })...)
}
