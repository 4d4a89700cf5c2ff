package resource

import (
	"encoding/json"
	"strings"

	resourcev1 "k8s.io/api/resource/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// device names one device of a driver, or a share of it; its JSON is how errors print it.
type device struct{ Driver, Pool, Device, ShareID string }

func allocatedDevices(a *resourcev1.AllocationResult) map[device]bool {
	if a == nil {
		return nil
	}
	devices := make(map[device]bool, len(a.Devices.Results))
	for i := range a.Devices.Results {
		r := &a.Devices.Results[i]
		share := ""
		if r.ShareID != nil {
			share = string(*r.ShareID)
		}
		devices[device{r.Driver, r.Pool, r.Device, share}] = true
	}
	return devices
}

// validateDeviceStatus checks what a driver reports about an allocated device.
func validateDeviceStatus(d *resourcev1.AllocatedDeviceStatus, allocated map[device]bool, path *field.Path) field.ErrorList {
	errs := validateDriverName(strings.ToLower(d.Driver), path.Child("driver"))
	errs = append(errs, validatePoolName(d.Pool, path.Child("pool"))...)
	errs = append(errs, checkLabel(d.Device, path.Child("device"))...)
	id := device{d.Driver, d.Pool, d.Device, deref(d.ShareID)}
	if !allocated[id] {
		text, _ := json.Marshal(id)
		errs = append(errs, field.Invalid(path, json.RawMessage(text), "must be an allocated device in the claim"))
	}
	if conditions := path.Child("conditions"); len(d.Conditions) > resourcev1.AllocatedDeviceStatusMaxConditions {
		errs = append(errs, field.TooMany(conditions, len(d.Conditions), resourcev1.AllocatedDeviceStatusMaxConditions))
	} else {
		errs = append(errs, metavalidation.ValidateConditions(d.Conditions, conditions)...)
	}
	if d.Data != nil && len(d.Data.Raw) > 0 {
		errs = append(errs, validateObject(d.Data, resourcev1.AllocatedDeviceStatusDataMaxLength, path.Child("data"))...)
	}
	if d.NetworkData != nil {
		errs = append(errs, each(d.NetworkData.IPs, resourcev1.NetworkDeviceDataMaxIPs, path.Child("networkData", "ips"),
			func(ip *string, path *field.Path) field.ErrorList {
				return validation.IsValidInterfaceAddress(path, *ip)
			})...)
	}
	return errs
}

func validateDriverName(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	if len(name) > resourcev1.DriverNameMaxLength {
		errs = append(errs, field.TooLong(path, "", resourcev1.DriverNameMaxLength))
	}
	return append(errs, checkSubdomain(name, path)...)
}

// validatePoolName checks the name of a pool: subdomains between slashes.
func validatePoolName(name string, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	if len(name) > resourcev1.PoolNameMaxLength {
		errs = append(errs, field.TooLong(path, "", resourcev1.PoolNameMaxLength))
	}
	for part := range strings.SplitSeq(name, "/") {
		errs = append(errs, checkSubdomain(part, path)...)
	}
	return errs
}
