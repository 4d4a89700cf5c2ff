package networking

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds"
)

// ingressClassAnnotation chose the class before spec.ingressClassName was there.
const ingressClassAnnotation = "kubernetes.io/ingress.class"

// ingressLeniency says what an update may keep because what is stored has it already.
type ingressLeniency struct {
	secretName   bool // secret names that are no names
	wildcardRule bool // bad rules below a wildcard host
}

func validateIngressCreate(_ kinds.Input, obj *networkingv1.Ingress) field.ErrorList {
	errs := validateIngressSpec(&obj.Spec, ingressLeniency{})
	if class, ok := obj.Annotations[ingressClassAnnotation]; ok && obj.Spec.IngressClassName != nil && class != *obj.Spec.IngressClassName {
		errs = append(errs, field.Invalid(field.NewPath("annotations").Child(ingressClassAnnotation), class, "must match `ingressClassName` when both are specified"))
	}
	return errs
}

func validateIngressUpdate(_ kinds.Input, obj, old *networkingv1.Ingress) field.ErrorList {
	var l ingressLeniency
	for _, tls := range old.Spec.TLS {
		l.secretName = l.secretName || tls.SecretName != "" && len(validation.IsDNS1123Subdomain(tls.SecretName)) > 0
	}
	for i := range old.Spec.Rules {
		rule := &old.Spec.Rules[i]
		l.wildcardRule = l.wildcardRule || strings.Contains(rule.Host, "*") && len(validateHTTPRule(rule.HTTP, nil)) > 0
	}
	return validateIngressSpec(&obj.Spec, l)
}

func validateIngressSpec(spec *networkingv1.IngressSpec, l ingressLeniency) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("spec")
	if len(spec.Rules) == 0 && spec.DefaultBackend == nil {
		errs = append(errs, field.Invalid(path, spec.Rules, "either `defaultBackend` or `rules` must be specified"))
	}
	if spec.DefaultBackend != nil {
		errs = append(errs, validateBackend(spec.DefaultBackend, path.Child("defaultBackend"))...)
	}
	for i := range spec.Rules {
		errs = append(errs, validateIngressRule(&spec.Rules[i], path.Child("rules").Index(i), l)...)
	}
	for i := range spec.TLS {
		errs = append(errs, validateIngressTLS(&spec.TLS[i], path.Child("tls").Index(i), l)...)
	}
	if spec.IngressClassName != nil {
		errs = append(errs, invalid(path.Child("ingressClassName"), *spec.IngressClassName, validation.IsDNS1123Subdomain)...)
	}
	return errs
}

// invalid makes an error of every message that check has for value.
func invalid(path *field.Path, value string, check func(string) []string) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range check(value) {
		errs = append(errs, field.Invalid(path, value, msg))
	}
	return errs
}

// hostCheck is the rule for a host, which may start with a wildcard.
func hostCheck(host string) func(string) []string {
	if strings.Contains(host, "*") {
		return validation.IsWildcardDNS1123Subdomain
	}
	return validation.IsDNS1123Subdomain
}

func validateIngressRule(rule *networkingv1.IngressRule, path *field.Path, l ingressLeniency) field.ErrorList {
	var errs field.ErrorList
	if rule.Host != "" {
		if netutils.ParseIPSloppy(rule.Host) != nil {
			errs = append(errs, field.Invalid(path.Child("host"), rule.Host, "must be a DNS name, not an IP address"))
		}
		errs = append(errs, invalid(path.Child("host"), rule.Host, hostCheck(rule.Host))...)
	}
	if strings.Contains(rule.Host, "*") && l.wildcardRule {
		return errs
	}
	return append(errs, validateHTTPRule(rule.HTTP, path.Child("http"))...)
}

func validateIngressTLS(tls *networkingv1.IngressTLS, path *field.Path, l ingressLeniency) field.ErrorList {
	var errs field.ErrorList
	for i, host := range tls.Hosts {
		errs = append(errs, invalid(path.Child("hosts").Index(i), host, hostCheck(host))...)
	}
	if tls.SecretName != "" && !l.secretName {
		errs = append(errs, invalid(path.Child("secretName"), tls.SecretName, validation.IsDNS1123Subdomain)...)
	}
	return errs
}

func validateHTTPRule(rule *networkingv1.HTTPIngressRuleValue, path *field.Path) field.ErrorList {
	if rule == nil {
		return nil
	}
	var errs field.ErrorList
	if len(rule.Paths) == 0 {
		errs = append(errs, field.Required(path.Child("paths"), ""))
	}
	for i := range rule.Paths {
		errs = append(errs, validateHTTPPath(&rule.Paths[i], path.Child("paths").Index(i))...)
	}
	return errs
}

func validateHTTPPath(p *networkingv1.HTTPIngressPath, path *field.Path) field.ErrorList {
	if p.PathType == nil {
		return field.ErrorList{field.Required(path.Child("pathType"), "pathType must be specified")}
	}
	var errs field.ErrorList
	bad := func(msg string) { errs = append(errs, field.Invalid(path.Child("path"), p.Path, msg)) }
	absolute := strings.HasPrefix(p.Path, "/")
	switch *p.PathType {
	case networkingv1.PathTypeExact, networkingv1.PathTypePrefix:
		if !absolute {
			bad("must be an absolute path")
		}
		for _, part := range []string{"//", "/./", "/../", "%2f", "%2F"} {
			if strings.Contains(p.Path, part) {
				bad(fmt.Sprintf("must not contain '%s'", part))
			}
		}
		for _, end := range []string{"/..", "/."} {
			if strings.HasSuffix(p.Path, end) {
				bad(fmt.Sprintf("cannot end with '%s'", end))
			}
		}
	case networkingv1.PathTypeImplementationSpecific:
		if p.Path != "" && !absolute {
			bad("must be an absolute path")
		}
	default:
		errs = append(errs, field.NotSupported(path.Child("pathType"), *p.PathType, []string{
			string(networkingv1.PathTypeExact), string(networkingv1.PathTypeImplementationSpecific), string(networkingv1.PathTypePrefix),
		}))
	}
	return append(errs, validateBackend(&p.Backend, path.Child("backend"))...)
}

func validateBackend(b *networkingv1.IngressBackend, path *field.Path) field.ErrorList {
	switch {
	case b.Resource != nil && b.Service != nil:
		return field.ErrorList{field.Invalid(path, "", "cannot set both resource and service backends")}
	case b.Resource != nil:
		return validateTypedReference(b.Resource, path.Child("resource"))
	case b.Service != nil:
		return validateServiceBackend(b.Service, path)
	}
	return field.ErrorList{field.Invalid(path, "", "resource or service backend is required")}
}

func validateServiceBackend(s *networkingv1.IngressServiceBackend, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if s.Name == "" {
		errs = append(errs, field.Required(path.Child("service", "name"), ""))
	} else {
		errs = append(errs, invalid(path.Child("service", "name"), s.Name, validation.IsDNS1123Label)...)
	}
	port := path.Child("service", "port")
	switch {
	case s.Port.Name != "" && s.Port.Number != 0:
		errs = append(errs, field.Invalid(path, "", "cannot set both port name & port number"))
	case s.Port.Name != "":
		errs = append(errs, invalid(port.Child("name"), s.Port.Name, validation.IsValidPortName)...)
	case s.Port.Number != 0:
		for _, msg := range validation.IsValidPortNum(int(s.Port.Number)) {
			errs = append(errs, field.Invalid(port.Child("number"), s.Port.Number, msg))
		}
	default:
		errs = append(errs, field.Required(path, "port name or number is required"))
	}
	return errs
}

func validateTypedReference(ref *corev1.TypedLocalObjectReference, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if ref.APIGroup != nil {
		errs = append(errs, invalid(path.Child("apiGroup"), *ref.APIGroup, validation.IsDNS1123Subdomain)...)
	}
	errs = append(errs, requiredSegment(path.Child("kind"), ref.Kind)...)
	return append(errs, requiredSegment(path.Child("name"), ref.Name)...)
}

// requiredSegment asks for a value that can stand as a segment of a URL's path.
func requiredSegment(path *field.Path, value string) field.ErrorList {
	if value == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return invalid(path, value, content.IsPathSegmentName)
}
