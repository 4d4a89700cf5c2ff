package service

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"
)

// Families are the IP families a cluster gives service addresses of; the first is the default. There are
// one or two.
type Families []corev1.IPFamily

// Init fills in ipFamilies and ipFamilyPolicy of a service on create (old is nil) and update, from what the
// client said of them and of cluster IPs, and from what the cluster has. It returns why that cannot be;
// the service must then be refused. It comes after Restore and before addresses are given out.
//
// A service never changes between one and two families without ipFamilyPolicy saying so, not even when the
// cluster does.
func (f Families) Init(obj, old *corev1.Service) field.ErrorList {
	spec := &obj.Spec
	if spec.Type == corev1.ServiceTypeExternalName || unchangedPreferDual(obj, old) {
		return nil
	}
	if spec.IPFamilyPolicy == nil {
		policy := corev1.IPFamilyPolicySingleStack
		switch {
		case old != nil && old.Spec.IPFamilyPolicy != nil:
			policy = *old.Spec.IPFamilyPolicy
		case asksHeadless(obj) && len(spec.Selector) == 0:
			policy = corev1.IPFamilyPolicyRequireDualStack
		}
		spec.IPFamilyPolicy = &policy
	}
	if errs := validateClusterIPs(obj, old); len(errs) > 0 {
		return errs
	}
	errs := reduce(obj, old)
	errs = append(errs, singleHasOne(spec)...)
	errs = append(errs, f.infer(spec)...)
	if len(errs) > 0 {
		return errs
	}

	// Nobody knows the families of endpoints that a client manages, so such a service may have both even
	// where the cluster has one.
	if asksHeadless(obj) && len(spec.Selector) == 0 {
		if len(spec.IPFamilies) == 0 {
			spec.IPFamilies = []corev1.IPFamily{f[0]}
		}
		if len(spec.IPFamilies) == 1 && *spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack {
			spec.IPFamilies = append(spec.IPFamilies, otherFamily(spec.IPFamilies[0]))
		}
		return nil
	}

	path := field.NewPath("spec")
	if *spec.IPFamilyPolicy == corev1.IPFamilyPolicyRequireDualStack && len(f) < 2 {
		errs = append(errs, field.Invalid(path.Child("ipFamilyPolicy"), spec.IPFamilyPolicy, "this cluster is not configured for dual-stack services"))
	}
	for i, family := range spec.IPFamilies {
		if !slices.Contains(f, family) {
			errs = append(errs, field.Invalid(path.Child("ipFamilies").Index(i), family, "not configured on this cluster"))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []corev1.IPFamily{f[0]}
	}
	if *spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack && len(spec.IPFamilies) == 1 && len(f) == 2 {
		spec.IPFamilies = append(spec.IPFamilies, otherFamily(spec.IPFamilies[0]))
	}
	return nil
}

// unchangedPreferDual reports an update of a service that takes both families if there are, and that has
// asked for nothing else: it keeps what it has.
func unchangedPreferDual(obj, old *corev1.Service) bool {
	if old == nil || old.Spec.Type != obj.Spec.Type || !NeedsClusterIP(obj) {
		return false
	}
	prefers := func(p *corev1.IPFamilyPolicy) bool { return p != nil && *p == corev1.IPFamilyPolicyPreferDualStack }
	return prefers(old.Spec.IPFamilyPolicy) && (obj.Spec.IPFamilyPolicy == nil || prefers(obj.Spec.IPFamilyPolicy)) &&
		slices.Equal(obj.Spec.ClusterIPs, old.Spec.ClusterIPs) && slices.Equal(obj.Spec.IPFamilies, old.Spec.IPFamilies)
}

// reduce takes the second family from a service that asks for one only, and refuses to do so for others.
func reduce(obj, old *corev1.Service) field.ErrorList {
	if old == nil {
		return nil
	}
	spec, was := &obj.Spec, &old.Spec
	if *spec.IPFamilyPolicy == corev1.IPFamilyPolicySingleStack {
		if len(spec.ClusterIPs) > 1 && slices.Equal(spec.ClusterIPs, was.ClusterIPs) {
			spec.ClusterIPs = spec.ClusterIPs[:1]
		}
		if len(spec.IPFamilies) > 1 && slices.Equal(spec.IPFamilies, was.IPFamilies) {
			spec.IPFamilies = spec.IPFamilies[:1]
		}
		return nil
	}
	var errs field.ErrorList
	path := field.NewPath("spec", "ipFamilyPolicy")
	if n := len(spec.ClusterIPs); n > 0 && n < len(was.ClusterIPs) {
		errs = append(errs, field.Invalid(path, spec.IPFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"))
	}
	if n := len(spec.IPFamilies); n > 0 && n < len(was.IPFamilies) {
		errs = append(errs, field.Invalid(path, spec.IPFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"))
	}
	return errs
}

func singleHasOne(spec *corev1.ServiceSpec) field.ErrorList {
	if *spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack {
		return nil
	}
	var errs field.ErrorList
	path := field.NewPath("spec", "ipFamilyPolicy")
	const msg = "must be 'RequireDualStack' or 'PreferDualStack' when multiple %s are specified"
	if len(spec.ClusterIPs) == 2 {
		errs = append(errs, field.Invalid(path, spec.IPFamilyPolicy, fmt.Sprintf(msg, "cluster IPs")))
	}
	if len(spec.IPFamilies) == 2 {
		errs = append(errs, field.Invalid(path, spec.IPFamilyPolicy, fmt.Sprintf(msg, "IP families")))
	}
	return errs
}

// infer adds the families of cluster IPs that the client chose.
func (f Families) infer(spec *corev1.ServiceSpec) field.ErrorList {
	var errs field.ErrorList
	for i, ip := range spec.ClusterIPs {
		if ip == corev1.ClusterIPNone {
			break
		}
		if i < len(spec.IPFamilies) {
			continue
		}
		family := FamilyOf(ip)
		if !slices.Contains(f, family) {
			errs = append(errs, field.Invalid(field.NewPath("spec", "clusterIPs").Index(i), spec.ClusterIPs, fmt.Sprintf("%s is not configured on this cluster", family)))
			continue
		}
		spec.IPFamilies = append(spec.IPFamilies, family)
	}
	return errs
}

// FamilyOf returns the family of an address.
func FamilyOf(ip string) corev1.IPFamily {
	if netutils.IsIPv6String(ip) {
		return corev1.IPv6Protocol
	}
	return corev1.IPv4Protocol
}

func otherFamily(f corev1.IPFamily) corev1.IPFamily {
	if f == corev1.IPv4Protocol {
		return corev1.IPv6Protocol
	}
	return corev1.IPv4Protocol
}
