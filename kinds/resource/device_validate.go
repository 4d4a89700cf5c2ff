package resource

import (
	"strings"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateDevices checks the devices of a slice; old is the slice before, or nil.
func validateDevices(spec, old *resourcev1.ResourceSliceSpec, path *field.Path) field.ErrorList {
	before := map[string]*resourcev1.Device{}
	if old != nil {
		for i := range old.Devices {
			before[old.Devices[i].Name] = &old.Devices[i]
		}
	}
	perDevice := spec.PerDeviceNodeSelection != nil && *spec.PerDeviceNodeSelection
	most := mostDevices(spec.Devices)
	errs := atMost(spec.Devices, most, path, func(d *resourcev1.Device, path *field.Path) field.ErrorList {
		return validateDevice(d, before[d.Name], perDevice, path)
	})
	if len(spec.Devices) > most {
		return errs
	}
	return append(errs, distinct(spec.Devices, path, func(d *resourcev1.Device) string { return d.Name })...)
}

// mostDevices is lower for slices whose devices need more room.
func mostDevices(devices []resourcev1.Device) int {
	for i := range devices {
		if len(devices[i].Taints) > 0 || len(devices[i].ConsumesCounters) > 0 {
			return resourcev1.ResourceSliceMaxDevicesWithAdvancedFeatures
		}
	}
	return resourcev1.ResourceSliceMaxDevices
}

func validateDevice(d, old *resourcev1.Device, perDevice bool, path *field.Path) field.ErrorList {
	errs := checkLabel(d.Name, path.Child("name"))
	if n := len(d.Attributes) + len(d.Capacity); n > resourcev1.ResourceSliceMaxAttributesAndCapacitiesPerDevice {
		errs = append(errs, field.Invalid(path, n, "the total number of attributes and capacities must not exceed 32"))
	}
	errs = append(errs, eachKey(d.Attributes, path.Child("attributes"), checkQualifiedName, validateAttribute)...)
	shared := d.AllowMultipleAllocations != nil && *d.AllowMultipleAllocations
	errs = append(errs, eachKey(d.Capacity, path.Child("capacity"), checkQualifiedName,
		func(c resourcev1.DeviceCapacity, path *field.Path) field.ErrorList {
			return validateCapacity(&c, shared, path)
		})...)
	if old == nil || !equality.Semantic.DeepEqual(d.Taints, old.Taints) {
		errs = append(errs, atMost(d.Taints, resourcev1.DeviceTaintsMaxLength, path.Child("taints"), validateTaint)...)
	}
	errs = append(errs, each(d.ConsumesCounters, resourcev1.ResourceSliceMaxDeviceCounterConsumptionsPerDevice, path.Child("consumesCounters"),
		func(c *resourcev1.DeviceCounterConsumption, path *field.Path) field.ErrorList {
			return validateCounters(c.Counters, resourcev1.ResourceSliceMaxCountersPerDeviceCounterConsumption, path)
		})...)
	errs = append(errs, validateDeviceNodes(d, perDevice, path)...)
	return append(errs, validateBinding(d.BindingConditions, d.BindingFailureConditions, path)...)
}

// validateDeviceNodes checks that a device says which nodes reach it where its slice leaves that to it.
func validateDeviceNodes(d *resourcev1.Device, perDevice bool, path *field.Path) field.ErrorList {
	const (
		one = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec"
		no  = "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec"
	)
	if !perDevice {
		if d.NodeName != nil || d.NodeSelector != nil || d.AllNodes != nil {
			return field.ErrorList{field.Invalid(path, nil, no)}
		}
		return nil
	}
	ways, errs := nodeWays(d.NodeName, d.NodeSelector, d.AllNodes, path)
	switch len(ways) {
	case 0:
		errs = append(errs, field.Required(path, one))
	case 1:
	default:
		errs = append(errs, field.Invalid(path, "{"+strings.Join(ways, ", ")+"}", one))
	}
	return errs
}

// checkQualifiedName checks the name of an attribute or capacity, with or without a domain.
func checkQualifiedName(name resourcev1.QualifiedName, path *field.Path) field.ErrorList {
	if name == "" {
		return field.ErrorList{field.Required(path, "name required")}
	}
	domain, id, qualified := strings.Cut(string(name), "/")
	switch {
	case !qualified:
		return checkIdentifier(domain, path)
	case strings.Contains(id, "/"):
		return nil // kube-apiserver does not check such names
	}
	var errs field.ErrorList
	if domain == "" {
		errs = append(errs, field.Invalid(path, "", "the domain must not be empty"))
	} else {
		errs = append(errs, validateDriverName(domain, path)...)
	}
	if id == "" {
		return append(errs, field.Invalid(path, "", "the name must not be empty"))
	}
	return append(errs, checkIdentifier(id, path)...)
}

func checkIdentifier(id string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(id) > resourcev1.DeviceMaxIDLength {
		errs = append(errs, field.TooLong(path, "", resourcev1.DeviceMaxIDLength))
	}
	return append(errs, invalid(id, path, content.IsCIdentifier(id))...)
}

// validateAttribute checks a value; that there is exactly one is declared.
func validateAttribute(a resourcev1.DeviceAttribute, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if s := a.StringValue; s != nil && len(*s) > resourcev1.DeviceAttributeMaxValueLength {
		errs = append(errs, field.TooLong(path.Child("string"), "", resourcev1.DeviceAttributeMaxValueLength))
	}
	if v := a.VersionValue; v != nil {
		path := path.Child("version")
		if !isSemver(*v) {
			errs = append(errs, field.Invalid(path, *v, "must be a string compatible with semver.org spec 2.0.0"))
		}
		if len(*v) > resourcev1.DeviceAttributeMaxValueLength {
			errs = append(errs, field.TooLong(path, "", resourcev1.DeviceAttributeMaxValueLength))
		}
	}
	return errs
}
