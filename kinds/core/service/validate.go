package service

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/addresses"
)

// kubeletPort is where kubelets listen; a load balancer that exposed it would give nodes away.
const kubeletPort = 10250

const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"

// validate checks a service as it will be stored, with all that was given out to it. Old is nil on create;
// addresses that it has stay accepted.
func validate(obj, old *corev1.Service) field.ErrorList {
	spec := &obj.Spec
	path := field.NewPath("spec")
	errs := validateTopology(obj)
	if len(spec.Ports) == 0 && !Headless(obj) && spec.Type != corev1.ServiceTypeExternalName {
		errs = append(errs, field.Required(path.Child("ports"), ""))
	}
	errs = append(errs, validateByType(obj, path)...)
	errs = append(errs, validatePorts(spec.Ports, path.Child("ports"))...)
	if spec.Selector != nil {
		errs = append(errs, metav1validation.ValidateLabels(spec.Selector, path.Child("selector"))...)
	}
	errs = append(errs, validateAffinity(spec, path)...)
	errs = append(errs, validateClusterIPs(obj, old)...)

	var had []string
	if old != nil {
		had = old.Spec.ExternalIPs
	}
	for i, ip := range spec.ExternalIPs {
		at := path.Child("externalIPs").Index(i)
		if wrong := addresses.IP(ip, had, at); len(wrong) > 0 {
			errs = append(errs, wrong...)
		} else {
			errs = append(errs, addresses.Reachable(ip, at)...)
		}
	}

	switch spec.Type {
	case "":
		errs = append(errs, field.Required(path.Child("type"), ""))
	case corev1.ServiceTypeClusterIP, corev1.ServiceTypeExternalName, corev1.ServiceTypeLoadBalancer, corev1.ServiceTypeNodePort:
	default:
		errs = append(errs, field.NotSupported(path.Child("type"), spec.Type, []string{"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"}))
	}
	errs = append(errs, validatePortsTogether(spec, path.Child("ports"))...)
	errs = append(errs, validateSourceRanges(obj, old)...)

	allocate := path.Child("allocateLoadBalancerNodePorts")
	switch {
	case spec.AllocateLoadBalancerNodePorts != nil && spec.Type != corev1.ServiceTypeLoadBalancer:
		errs = append(errs, field.Forbidden(allocate, onlyLoadBalancer))
	case spec.AllocateLoadBalancerNodePorts == nil && spec.Type == corev1.ServiceTypeLoadBalancer:
		errs = append(errs, field.Required(allocate, "field is required when `type` is 'LoadBalancer'"))
	}
	errs = append(errs, validateLoadBalancerClass(obj, nil)...)
	return append(errs, validateTraffic(obj, path)...)
}

// validateTopology refuses an annotation and its old name that say different things.
func validateTopology(obj *corev1.Service) field.ErrorList {
	hints, old := obj.Annotations[corev1.DeprecatedAnnotationTopologyAwareHints]
	mode, set := obj.Annotations[corev1.AnnotationTopologyMode]
	if !old || !set || hints == mode {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("metadata", "annotations").Key(corev1.AnnotationTopologyMode), mode,
		fmt.Sprintf("must match annotations[%s] when both are specified", corev1.DeprecatedAnnotationTopologyAwareHints))}
}

// validateByType checks what one type asks for and others do not.
func validateByType(obj *corev1.Service, path *field.Path) field.ErrorList {
	spec := &obj.Spec
	var errs field.ErrorList
	notHeadless := func() {
		if Headless(obj) {
			errs = append(errs, field.Invalid(path.Child("clusterIPs").Index(0), spec.ClusterIPs[0], fmt.Sprintf("may not be set to 'None' for %s services", spec.Type)))
		}
	}
	switch spec.Type {
	case corev1.ServiceTypeLoadBalancer:
		for i, p := range spec.Ports {
			if p.Port == kubeletPort {
				errs = append(errs, field.Invalid(path.Child("ports").Index(i), p.Port, fmt.Sprintf("may not expose port %v externally since it is used by kubelet", kubeletPort)))
			}
		}
		notHeadless()
	case corev1.ServiceTypeNodePort:
		notHeadless()
	case corev1.ServiceTypeExternalName:
		const msg = "may not be set for ExternalName services"
		if len(spec.ClusterIPs) > 0 {
			errs = append(errs, field.Forbidden(path.Child("clusterIPs"), msg))
		}
		if len(spec.IPFamilies) > 0 {
			errs = append(errs, field.Forbidden(path.Child("ipFamilies"), msg))
		}
		if spec.IPFamilyPolicy != nil {
			errs = append(errs, field.Forbidden(path.Child("ipFamilyPolicy"), msg))
		}
		// A dot at the end makes a name absolute, as in DNS.
		name := strings.TrimSuffix(spec.ExternalName, ".")
		if name == "" {
			return append(errs, field.Required(path.Child("externalName"), ""))
		}
		for _, msg := range validation.IsDNS1123Subdomain(name) {
			errs = append(errs, field.Invalid(path.Child("externalName"), name, msg))
		}
	}
	return errs
}

func validateAffinity(spec *corev1.ServiceSpec, path *field.Path) field.ErrorList {
	at := path.Child("sessionAffinityConfig")
	switch c := spec.SessionAffinityConfig; spec.SessionAffinity {
	case "":
		return field.ErrorList{field.Required(path.Child("sessionAffinity"), "")}
	case corev1.ServiceAffinityNone:
		if c != nil {
			return field.ErrorList{field.Forbidden(at, fmt.Sprintf("must not be set when session affinity is %v", corev1.ServiceAffinityNone))}
		}
	case corev1.ServiceAffinityClientIP:
		why := fmt.Sprintf("when session affinity type is %s", corev1.ServiceAffinityClientIP)
		switch {
		case c == nil:
			return field.ErrorList{field.Required(at, why)}
		case c.ClientIP == nil:
			return field.ErrorList{field.Required(at.Child("clientIP"), why)}
		case c.ClientIP.TimeoutSeconds == nil:
			return field.ErrorList{field.Required(at.Child("clientIP", "timeoutSeconds"), why)}
		}
		const longest = 86400
		if t := *c.ClientIP.TimeoutSeconds; t <= 0 || t > longest {
			return field.ErrorList{field.Invalid(at.Child("clientIP", "timeoutSeconds"), t, fmt.Sprintf("must be greater than 0 and less than %d", longest))}
		}
	default:
		return field.ErrorList{field.NotSupported(path.Child("sessionAffinity"), spec.SessionAffinity, []string{"ClientIP", "None"})}
	}
	return nil
}

// validateSourceRanges checks the ranges of the spec or, where there are none, of the annotation they once
// were. Spaces around a range belong to the API.
func validateSourceRanges(obj, old *corev1.Service) field.ErrorList {
	var errs field.ErrorList
	balanced := obj.Spec.Type == corev1.ServiceTypeLoadBalancer
	if len(obj.Spec.LoadBalancerSourceRanges) > 0 {
		path := field.NewPath("spec", "LoadBalancerSourceRanges")
		if !balanced {
			errs = append(errs, field.Forbidden(path, onlyLoadBalancer))
		}
		var had []string
		if old != nil {
			for _, cidr := range old.Spec.LoadBalancerSourceRanges {
				had = append(had, strings.TrimSpace(cidr))
			}
		}
		for i, cidr := range obj.Spec.LoadBalancerSourceRanges {
			errs = append(errs, addresses.CIDR(strings.TrimSpace(cidr), had, path.Index(i))...)
		}
		return errs
	}
	text, ok := obj.Annotations[corev1.AnnotationLoadBalancerSourceRangesKey]
	if !ok {
		return nil
	}
	path := field.NewPath("metadata", "annotations").Key(corev1.AnnotationLoadBalancerSourceRangesKey)
	if !balanced {
		errs = append(errs, field.Forbidden(path, onlyLoadBalancer))
	}
	if old != nil && old.Annotations[corev1.AnnotationLoadBalancerSourceRangesKey] == text {
		return errs
	}
	if text = strings.TrimSpace(text); text != "" {
		for cidr := range strings.SplitSeq(text, ",") {
			errs = append(errs, addresses.CIDR(strings.TrimSpace(cidr), nil, path)...)
		}
	}
	return errs
}
