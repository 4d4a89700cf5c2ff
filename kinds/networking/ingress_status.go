package networking

import (
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds"
)

func validateIngressStatus(_ kinds.Input, obj, old *networkingv1.Ingress) field.ErrorList {
	var errs field.ErrorList
	var stored []string
	for _, in := range old.Status.LoadBalancer.Ingress {
		if in.IP != "" {
			stored = append(stored, in.IP)
		}
	}
	for i, in := range obj.Status.LoadBalancer.Ingress {
		path := field.NewPath("status", "loadBalancer", "ingress").Index(i)
		if in.IP != "" {
			errs = append(errs, validation.IsValidIPForLegacyField(path.Child("ip"), in.IP, true, stored)...)
		}
		if in.Hostname != "" {
			errs = append(errs, invalid(path.Child("hostname"), in.Hostname, validation.IsDNS1123Subdomain)...)
			if netutils.ParseIPSloppy(in.Hostname) != nil {
				errs = append(errs, field.Invalid(path.Child("hostname"), in.Hostname, "must be a DNS name, not an IP address"))
			}
		}
	}
	return errs
}

// warnIngressStatus warns of addresses written in an unusual form, but not of those that were there.
func warnIngressStatus(obj, old *networkingv1.Ingress) []string {
	var out []string
	for i, in := range obj.Status.LoadBalancer.Ingress {
		if in.IP == "" || old != nil && slices.ContainsFunc(old.Status.LoadBalancer.Ingress, func(o networkingv1.IngressLoadBalancerIngress) bool { return o.IP == in.IP }) {
			continue
		}
		out = append(out, validation.GetWarningsForIP(field.NewPath("status", "loadBalancer", "ingress").Index(i), in.IP)...)
	}
	return out
}

func warnIngress(obj, old *networkingv1.Ingress) []string {
	if old != nil {
		return nil
	}
	if _, ok := obj.Annotations[ingressClassAnnotation]; ok {
		return []string{fmt.Sprintf("annotation %q is deprecated, please use 'spec.ingressClassName' instead", ingressClassAnnotation)}
	}
	return nil
}
