package service

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds/addresses"
)

// validateClusterIPs checks cluster IPs, their families and the policy against each other. It is asked
// twice: of what the client sent, before addresses are given out, and of the whole at the end.
func validateClusterIPs(obj, old *corev1.Service) field.ErrorList {
	spec := &obj.Spec
	if spec.Type == corev1.ServiceTypeExternalName {
		return nil // which may have none of them
	}
	var errs field.ErrorList
	path := field.NewPath("spec", "clusterIPs")
	switch {
	case spec.ClusterIP == "":
		if len(spec.ClusterIPs) > 0 {
			errs = append(errs, field.Invalid(path, spec.ClusterIPs, "must be empty when `clusterIP` is not specified"))
		}
	case len(spec.ClusterIPs) == 0:
		errs = append(errs, field.Required(path, ""))
	case spec.ClusterIPs[0] != spec.ClusterIP:
		errs = append(errs, field.Invalid(path, spec.ClusterIPs, "first value must match `clusterIP`"))
	}
	errs = append(errs, validateFamilies(spec)...)

	var had []string
	if old != nil {
		had = old.Spec.ClusterIPs
	}
	broken := false
	for i, ip := range spec.ClusterIPs {
		if i == 0 && ip == corev1.ClusterIPNone {
			if len(spec.ClusterIPs) > 1 {
				broken = true
				errs = append(errs, field.Invalid(path, spec.ClusterIPs, "'None' must be the first and only value"))
			}
			continue
		}
		wrong := addresses.IP(ip, had, path.Index(i))
		broken = broken || len(wrong) > 0
		errs = append(errs, wrong...)
	}
	if len(spec.ClusterIPs) > 2 {
		errs = append(errs, field.Invalid(path, spec.ClusterIPs, "may only hold up to 2 values"))
	}
	if broken {
		return errs // the families of such addresses would say nothing
	}
	if len(spec.ClusterIPs) > 1 {
		dual, err := netutils.IsDualStackIPStrings(spec.ClusterIPs)
		if err != nil {
			errs = append(errs, field.InternalError(path, fmt.Errorf("failed to check for dual stack with error:%v", err)))
		}
		if !dual {
			errs = append(errs, field.Invalid(path, spec.ClusterIPs, "may specify no more than one IP for each IP family"))
		}
	}
	if !Headless(obj) {
		for i, ip := range spec.ClusterIPs {
			if i >= len(spec.IPFamilies) {
				break
			}
			switch family := spec.IPFamilies[i]; family {
			case corev1.IPv4Protocol, corev1.IPv6Protocol:
				if FamilyOf(ip) != family {
					errs = append(errs, field.Invalid(path.Index(i), ip, fmt.Sprintf("expected an %s value as indicated by `ipFamilies[%v]`", family, i)))
				}
			}
		}
	}
	return errs
}

func validateFamilies(spec *corev1.ServiceSpec) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("spec")
	seen := make(map[corev1.IPFamily]bool, len(spec.IPFamilies))
	for i, family := range spec.IPFamilies {
		at := path.Child("ipFamilies").Index(i)
		if family != corev1.IPv4Protocol && family != corev1.IPv6Protocol {
			errs = append(errs, field.NotSupported(at, family, []corev1.IPFamily{corev1.IPv4Protocol, corev1.IPv6Protocol}))
		}
		if seen[family] {
			errs = append(errs, field.Duplicate(at, family))
		}
		seen[family] = true
	}
	if p := spec.IPFamilyPolicy; p != nil {
		switch *p {
		case corev1.IPFamilyPolicyPreferDualStack, corev1.IPFamilyPolicyRequireDualStack, corev1.IPFamilyPolicySingleStack:
		default:
			errs = append(errs, field.NotSupported(path.Child("ipFamilyPolicy"), p, []string{"PreferDualStack", "RequireDualStack", "SingleStack"}))
		}
	}
	return errs
}

// validateIPsUpdate keeps the first cluster IP and family of a service; the second may come and go. To and
// from ExternalName all may change, to and from headless the families.
func validateIPsUpdate(obj, old *corev1.Service) field.ErrorList {
	if obj.Spec.Type == corev1.ServiceTypeExternalName || old.Spec.Type == corev1.ServiceTypeExternalName {
		return nil
	}
	headless, was := Headless(obj), Headless(old)
	if headless && was {
		return nil
	}
	errs := validateClusterIPsUpdate(&obj.Spec, &old.Spec)
	if headless == was {
		errs = append(errs, validateFamiliesUpdate(&obj.Spec, &old.Spec)...)
	}
	return errs
}

const mayNotChange = "may not change once set"

func validateClusterIPsUpdate(spec, old *corev1.ServiceSpec) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("spec", "clusterIPs")
	ips, was := spec.ClusterIPs, old.ClusterIPs
	switch {
	case len(was) == len(ips):
		for i := range was {
			if was[i] != ips[i] {
				errs = append(errs, field.Invalid(path.Index(i), ips, mayNotChange))
			}
		}
	case len(was) > len(ips):
		switch {
		case len(ips) == 0:
			errs = append(errs, field.Invalid(path.Index(0), ips, "primary clusterIP can not be unset"))
		case ips[0] != was[0]:
			errs = append(errs, field.Invalid(path.Index(0), ips, mayNotChange))
		}
		if len(ips) == 1 {
			errs = append(errs, releaseNeedsSingle(spec, "clusterIP")...)
		}
	case len(was) > 0 && ips[0] != was[0]:
		errs = append(errs, field.Invalid(path.Index(0), ips, mayNotChange))
	}
	return errs
}

func validateFamiliesUpdate(spec, old *corev1.ServiceSpec) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("spec", "ipFamilies").Index(0)
	families, was := spec.IPFamilies, old.IPFamilies
	switch {
	case len(was) == len(families):
		for i := range was {
			if was[i] != families[i] {
				errs = append(errs, field.Invalid(path, families, mayNotChange))
			}
		}
	case len(was) > len(families):
		if len(spec.ClusterIPs) == 0 {
			errs = append(errs, field.Invalid(path, families, "primary ipFamily can not be unset"))
		}
		if len(families) > 0 && families[0] != was[0] {
			errs = append(errs, field.Invalid(path, spec.ClusterIPs, mayNotChange))
		}
		if len(families) == 1 {
			errs = append(errs, releaseNeedsSingle(spec, "ipFamily")...)
		}
	case len(was) > 0 && families[0] != was[0]:
		errs = append(errs, field.Invalid(path, spec.ClusterIPs, mayNotChange))
	}
	return errs
}

func releaseNeedsSingle(spec *corev1.ServiceSpec, what string) field.ErrorList {
	if p := spec.IPFamilyPolicy; p != nil && *p == corev1.IPFamilyPolicySingleStack {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("spec", "ipFamilyPolicy"), spec.IPFamilyPolicy,
		"must be set to 'SingleStack' when releasing the secondary "+what)}
}
