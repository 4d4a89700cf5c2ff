package service

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds/addresses"
)

func validateUpdate(obj, old *corev1.Service) field.ErrorList {
	errs := validateIPsUpdate(obj, old)
	errs = append(errs, validateLoadBalancerClass(obj, old)...)
	if NeedsHealthCheckPort(obj) && NeedsHealthCheckPort(old) && obj.Spec.HealthCheckNodePort != old.Spec.HealthCheckNodePort {
		errs = append(errs, field.Forbidden(field.NewPath("spec", "healthCheckNodePort"), "field is immutable"))
	}
	return append(errs, validate(obj, old)...)
}

// validateLoadBalancerClass checks the class, which one implementation of load balancers goes by: it stays
// while the service is a load balancer. Old is nil on create.
func validateLoadBalancerClass(obj, old *corev1.Service) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("spec", "loadBalancerClass")
	class := obj.Spec.LoadBalancerClass
	balanced := obj.Spec.Type == corev1.ServiceTypeLoadBalancer
	if old != nil && balanced && old.Spec.Type == corev1.ServiceTypeLoadBalancer && !samePointer(class, old.Spec.LoadBalancerClass) {
		errs = append(errs, field.Invalid(path, class, mayNotChange))
	}
	switch {
	case class == nil:
	case balanced:
		for _, msg := range validation.IsQualifiedName(*class) {
			errs = append(errs, field.Invalid(path, *class, msg))
		}
	default:
		errs = append(errs, field.Forbidden(path, onlyLoadBalancer))
	}
	return errs
}

// validateStatus checks the addresses that an implementation of load balancers reports.
func validateStatus(obj, old *corev1.Service) field.ErrorList {
	ingress := obj.Status.LoadBalancer.Ingress
	path := field.NewPath("status", "loadBalancer", "ingress")
	if obj.Spec.Type != corev1.ServiceTypeLoadBalancer && len(ingress) > 0 {
		return field.ErrorList{field.Forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")}
	}
	var had []string
	for _, in := range old.Status.LoadBalancer.Ingress {
		if in.IP != "" {
			had = append(had, in.IP)
		}
	}
	var errs field.ErrorList
	for i, in := range ingress {
		at := path.Index(i)
		if in.IP != "" {
			errs = append(errs, addresses.IP(in.IP, had, at.Child("ip"))...)
		}
		mode := at.Child("ipMode")
		if in.IP != "" && in.IPMode == nil {
			errs = append(errs, field.Required(mode, "must be specified when `ip` is set"))
		}
		if in.IP == "" && in.IPMode != nil {
			errs = append(errs, field.Forbidden(mode, "may not be specified when `ip` is not set"))
		}
		if m := in.IPMode; m != nil && *m != corev1.LoadBalancerIPModeProxy && *m != corev1.LoadBalancerIPModeVIP {
			errs = append(errs, field.NotSupported(mode, m, []string{"Proxy", "VIP"}))
		}
		if in.Hostname != "" {
			for _, msg := range validation.IsDNS1123Subdomain(in.Hostname) {
				errs = append(errs, field.Invalid(at.Child("hostname"), in.Hostname, msg))
			}
			if netutils.ParseIPSloppy(in.Hostname) != nil {
				errs = append(errs, field.Invalid(at.Child("hostname"), in.Hostname, "must be a DNS name, not an IP address"))
			}
		}
	}
	return errs
}
