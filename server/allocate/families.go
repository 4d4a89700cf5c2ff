package allocate

import (
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var serviceKind = schema.GroupKind{Kind: "Service"}

func invalid(svc *corev1.Service, errs ...*field.Error) error {
	return apierrors.NewInvalid(serviceKind, svc.Name, errs)
}

// clusterFamilies are the families the cluster has, the default first.
func (s *Services) clusterFamilies() []corev1.IPFamily {
	out := make([]corev1.IPFamily, 0, 2)
	for _, r := range s.Ranges {
		if f := familyOf(r.Addr()); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

func familyOf(a netip.Addr) corev1.IPFamily {
	if a.Unmap().Is4() {
		return corev1.IPv4Protocol
	}
	return corev1.IPv6Protocol
}

func otherFamily(f corev1.IPFamily) corev1.IPFamily {
	if f == corev1.IPv4Protocol {
		return corev1.IPv6Protocol
	}
	return corev1.IPv4Protocol
}

// families settles ipFamilyPolicy and ipFamilies (KEP-563), from what the client asked for and what the
// cluster has. The defaults are not static: a service never changes between one and two families unless
// its client says so.
func (s *Services) families(svc, old *corev1.Service) error {
	if svc.Spec.Type == corev1.ServiceTypeExternalName || keepsDualStack(svc, old) {
		return nil
	}
	inferPolicy(svc, old)
	if old != nil {
		dropSecondary(svc, old)
	}
	if errs := s.Check(svc, old); len(errs) > 0 {
		return apierrors.NewInvalid(serviceKind, svc.Name, errs)
	}
	spec, have := &svc.Spec, s.clusterFamilies()
	single := *spec.IPFamilyPolicy == corev1.IPFamilyPolicySingleStack

	// Without a selector somebody else writes the endpoints, of any family, whatever the cluster has.
	if spec.ClusterIP == corev1.ClusterIPNone && len(spec.Selector) == 0 {
		if len(spec.IPFamilies) == 0 {
			spec.IPFamilies = []corev1.IPFamily{have[0]}
		}
		if len(spec.IPFamilies) == 1 && !single {
			spec.IPFamilies = append(spec.IPFamilies, otherFamily(spec.IPFamilies[0]))
		}
		return nil
	}
	if errs := s.unavailable(svc, have); len(errs) > 0 {
		return invalid(svc, errs...)
	}
	if errs := inferFamilies(svc, have); len(errs) > 0 {
		return invalid(svc, errs...)
	}
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []corev1.IPFamily{have[0]}
	}
	if len(spec.IPFamilies) == 1 && !single && len(have) == 2 {
		spec.IPFamilies = append(spec.IPFamilies, otherFamily(spec.IPFamilies[0]))
	}
	return nil
}

func inferPolicy(svc, old *corev1.Service) {
	if svc.Spec.IPFamilyPolicy != nil {
		return
	}
	policy := corev1.IPFamilyPolicySingleStack
	switch {
	case old != nil && old.Spec.IPFamilyPolicy != nil:
		policy = *old.Spec.IPFamilyPolicy
	case svc.Spec.ClusterIP == corev1.ClusterIPNone && len(svc.Spec.Selector) == 0:
		policy = corev1.IPFamilyPolicyRequireDualStack
	}
	svc.Spec.IPFamilyPolicy = &policy
}

// dropSecondary lets a change of the policy to SingleStack take the second family and IP with it.
func dropSecondary(svc, old *corev1.Service) {
	if *svc.Spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack {
		return
	}
	if len(svc.Spec.ClusterIPs) == 2 && slices.Equal(svc.Spec.ClusterIPs, old.Spec.ClusterIPs) {
		svc.Spec.ClusterIPs = svc.Spec.ClusterIPs[:1]
	}
	if len(svc.Spec.IPFamilies) == 2 && slices.Equal(svc.Spec.IPFamilies, old.Spec.IPFamilies) {
		svc.Spec.IPFamilies = svc.Spec.IPFamilies[:1]
	}
}

// unavailable says what the client asked for that the cluster does not have.
func (s *Services) unavailable(svc *corev1.Service, have []corev1.IPFamily) []*field.Error {
	var errs []*field.Error
	spec := field.NewPath("spec")
	if *svc.Spec.IPFamilyPolicy == corev1.IPFamilyPolicyRequireDualStack && len(have) < 2 {
		errs = append(errs, field.Invalid(spec.Child("ipFamilyPolicy"), svc.Spec.IPFamilyPolicy, "this cluster is not configured for dual-stack services"))
	}
	for i, f := range svc.Spec.IPFamilies {
		if !slices.Contains(have, f) {
			errs = append(errs, field.Invalid(spec.Child("ipFamilies").Index(i), f, "not configured on this cluster"))
		}
	}
	return errs
}

// inferFamilies adds the families of IPs that the client asked for.
func inferFamilies(svc *corev1.Service, have []corev1.IPFamily) []*field.Error {
	var errs []*field.Error
	for i, ip := range svc.Spec.ClusterIPs {
		if ip == corev1.ClusterIPNone {
			break
		}
		addr, err := netip.ParseAddr(ip)
		if err != nil || i < len(svc.Spec.IPFamilies) {
			continue
		}
		f := familyOf(addr)
		if !slices.Contains(have, f) {
			errs = append(errs, field.Invalid(field.NewPath("spec", "clusterIPs").Index(i), svc.Spec.ClusterIPs, fmt.Sprintf("%s is not configured on this cluster", f)))
			continue
		}
		svc.Spec.IPFamilies = append(svc.Spec.IPFamilies, f)
	}
	return errs
}

// keepsDualStack reports whether an update leaves a PreferDualStack service as it is: then it does not
// follow the cluster to or from two families.
func keepsDualStack(svc, old *corev1.Service) bool {
	if old == nil || svc.Spec.Type != old.Spec.Type {
		return false
	}
	prefers := func(p *corev1.IPFamilyPolicy) bool { return p != nil && *p == corev1.IPFamilyPolicyPreferDualStack }
	return prefers(svc.Spec.IPFamilyPolicy) && prefers(old.Spec.IPFamilyPolicy) &&
		slices.Equal(svc.Spec.ClusterIPs, old.Spec.ClusterIPs) && slices.Equal(svc.Spec.IPFamilies, old.Spec.IPFamilies)
}
