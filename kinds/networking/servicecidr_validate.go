package networking

import (
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds"
)

// cidrValues is a ServiceCIDRSpec as error messages show it: with the name of the Go field.
type cidrValues struct{ CIDRs []string }

func validateServiceCIDR(_ kinds.Input, obj *networkingv1.ServiceCIDR) field.ErrorList {
	path, cidrs := field.NewPath("spec", "cidrs"), obj.Spec.CIDRs
	switch {
	case len(cidrs) == 0:
		return field.ErrorList{field.Required(path, "at least one CIDR required")}
	case len(cidrs) > 2:
		return field.ErrorList{field.Invalid(path, cidrValues{cidrs}, "may only hold up to 2 values")}
	}
	var errs field.ErrorList
	for i, cidr := range cidrs {
		errs = append(errs, validation.IsValidCIDR(path.Index(i), cidr)...)
	}
	if len(cidrs) == 2 {
		a, b := netutils.IPFamilyOfCIDRString(cidrs[0]), netutils.IPFamilyOfCIDRString(cidrs[1])
		if a == b && a != netutils.IPFamilyUnknown {
			errs = append(errs, field.Invalid(path, cidrs, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"))
		}
	}
	return errs
}

// validateServiceCIDRUpdate allows one change: a second range, of the other family, is added.
func validateServiceCIDRUpdate(in kinds.Input, obj, old *networkingv1.ServiceCIDR) field.ErrorList {
	const msg = "field is immutable"
	path := field.NewPath("spec", "cidrs")
	now, was := obj.Spec.CIDRs, old.Spec.CIDRs
	var errs field.ErrorList
	switch {
	case len(now) == len(was):
		for i := range was {
			if now[i] != was[i] {
				errs = append(errs, field.Invalid(path.Index(i), now[i], msg))
			}
		}
	case len(was) == 1 && len(now) == 2:
		if now[0] != was[0] {
			errs = append(errs, field.Invalid(path.Index(0), now[0], msg))
		}
		errs = append(errs, validateServiceCIDR(in, obj)...)
	default:
		errs = append(errs, field.Invalid(path, now, msg))
	}
	return errs
}
