package resource

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/podspec"
)

const immutable = "field is immutable"

// validateResourceSlice adds what is declared.
func validateResourceSlice(spec, old *resourcev1.ResourceSliceSpec, kind operation.Type) field.ErrorList {
	path := field.NewPath("spec")
	errs := validateSlice(spec, old, path)
	return append(errs, declared(kind, func(ctx context.Context, op operation.Operation) field.ErrorList {
		return resourcev1.Validate_ResourceSliceSpec(ctx, op, path, spec, old)
	})...)
}

// validateSlice checks a slice; old is nil for a new one.
func validateSlice(spec, old *resourcev1.ResourceSliceSpec, path *field.Path) field.ErrorList {
	errs := validateDriverName(spec.Driver, path.Child("driver"))
	errs = append(errs, validatePool(&spec.Pool, path.Child("pool"))...)
	if old != nil {
		errs = append(errs, validateSliceStays(spec, old, path)...)
	}
	errs = append(errs, validateNodes(spec, path)...)
	if len(spec.SharedCounters) > 0 && len(spec.Devices) > 0 {
		errs = append(errs, field.Invalid(path, "", "only one of `sharedCounters` or `devices` is allowed"))
	}
	errs = append(errs, validateDevices(spec, old, path.Child("devices"))...)
	return append(errs, each(spec.SharedCounters, resourcev1.ResourceSliceMaxCounterSets, path.Child("sharedCounters"),
		func(c *resourcev1.CounterSet, path *field.Path) field.ErrorList {
			return validateCounters(c.Counters, resourcev1.ResourceSliceMaxCountersPerCounterSet, path)
		})...)
}

func validatePool(p *resourcev1.ResourcePool, path *field.Path) field.ErrorList {
	errs := validatePoolName(p.Name, path.Child("name"))
	if p.ResourceSliceCount <= 0 {
		errs = append(errs, field.Invalid(path.Child("resourceSliceCount"), p.ResourceSliceCount, "must be greater than zero"))
	}
	if p.Generation < 0 {
		errs = append(errs, field.Invalid(path.Child("generation"), p.Generation, "must be greater than or equal to zero"))
	}
	return errs
}

func validateSliceStays(spec, old *resourcev1.ResourceSliceSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if spec.Pool.Name != old.Pool.Name {
		errs = append(errs, field.Invalid(path.Child("pool", "name"), spec.Pool.Name, immutable))
	}
	if spec.Driver != old.Driver {
		errs = append(errs, field.Invalid(path.Child("driver"), spec.Driver, immutable))
	}
	if now, before := spec.NodeName, old.NodeName; (now == nil) != (before == nil) || now != nil && *now != *before {
		var value any
		if now != nil {
			value = *now
		}
		errs = append(errs, field.Invalid(path.Child("nodeName"), value, immutable))
	}
	return errs
}

// validateNodes checks that a slice says in exactly one way which nodes reach its devices.
func validateNodes(spec *resourcev1.ResourceSliceSpec, path *field.Path) field.ErrorList {
	const one = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
	ways, errs := nodeWays(spec.NodeName, spec.NodeSelector, spec.AllNodes, path)
	if on := spec.PerDeviceNodeSelection; on != nil {
		if *on {
			ways = append(ways, "`perDeviceNodeSelection`")
		} else {
			errs = append(errs, field.Invalid(path.Child("perDeviceNodeSelection"), *on, unsetOrTrue))
		}
	}
	switch len(ways) {
	case 0:
		errs = append(errs, field.Required(path, one))
	case 1:
	default:
		errs = append(errs, field.Invalid(path, "{"+strings.Join(ways, ", ")+"}", one+", but multiple fields are set"))
	}
	return errs
}

const unsetOrTrue = "must be either unset or set to true"

// nodeWays returns which of the ways to name nodes a slice or device uses, and what is wrong with them.
func nodeWays(name *string, selector *corev1.NodeSelector, all *bool, path *field.Path) ([]string, field.ErrorList) {
	var ways []string
	var errs field.ErrorList
	if name != nil {
		if *name == "" {
			errs = append(errs, field.Invalid(path.Child("nodeName"), "", "must be either unset or set to a non-empty string"))
		} else {
			ways = append(ways, "`nodeName`")
			errs = append(errs, checkSubdomain(*name, path.Child("nodeName"))...)
		}
	}
	if selector != nil {
		ways = append(ways, "`nodeSelector`")
		errs = append(errs, podspec.ValidateNodeSelector(selector, path.Child("nodeSelector"))...)
		if terms := selector.NodeSelectorTerms; len(terms) != 1 {
			errs = append(errs, field.Invalid(path.Child("nodeSelector", "nodeSelectorTerms"), internalname.Value(terms), "must have exactly one node selector term"))
		}
	}
	if all != nil {
		if *all {
			ways = append(ways, "`allNodes`")
		} else {
			errs = append(errs, field.Invalid(path.Child("allNodes"), *all, unsetOrTrue))
		}
	}
	return ways, errs
}
