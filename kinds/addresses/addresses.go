// Package addresses checks the IP addresses and networks that objects hold, by the strict reading: no
// leading zeros, no IPv4 in IPv6, no bits beyond a prefix. What an object already had stays accepted.
// Callers: the kinds with addresses (Service, Endpoints, EndpointSlice, Node).
package addresses

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"
)

// IP checks an address; had are the values accepted because the old object has them.
func IP(ip string, had []string, path *field.Path) field.ErrorList {
	return validation.IsValidIPForLegacyField(path, ip, true, had)
}

// CIDR checks a network; had are the values accepted because the old object has them.
func CIDR(cidr string, had []string, path *field.Path) field.ErrorList {
	return validation.IsValidCIDRForLegacyField(path, cidr, true, had)
}

// Reachable refuses addresses that mean something else on every machine: unspecified, loopback, link-local.
func Reachable(ip string, path *field.Path) field.ErrorList {
	parsed := netutils.ParseIPSloppy(ip)
	if parsed == nil {
		return field.ErrorList{field.Invalid(path, ip, "must be a valid IP address")}
	}
	var errs field.ErrorList
	if parsed.IsUnspecified() {
		errs = append(errs, field.Invalid(path, ip, fmt.Sprintf("may not be unspecified (%v)", ip)))
	}
	if parsed.IsLoopback() {
		errs = append(errs, field.Invalid(path, ip, "may not be in the loopback range (127.0.0.0/8, ::1/128)"))
	}
	if parsed.IsLinkLocalUnicast() {
		errs = append(errs, field.Invalid(path, ip, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"))
	}
	if parsed.IsLinkLocalMulticast() {
		errs = append(errs, field.Invalid(path, ip, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"))
	}
	return errs
}
