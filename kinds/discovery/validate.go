package discovery

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds/addresses"
)

// How much fits into a slice.
const (
	maxPorts     = 20000
	maxEndpoints = 1000
	maxAddresses = 100
	maxHints     = 8
)

// validate checks a slice; old is nil on create. Rules that upstream declares on the types (the address
// type, how many addresses) come after the others.
func validate(obj, old *discoveryv1.EndpointSlice) field.ErrorList {
	errs := validatePorts(obj.Ports)
	same := old != nil && equality.Semantic.DeepEqual(obj.Endpoints, old.Endpoints)
	if !same { // what is stored was valid once
		errs = append(errs, validateEndpoints(obj)...)
	}
	errs = append(errs, validateAddressType(obj, old)...)
	if !same {
		errs = append(errs, validateAddressCounts(obj.Endpoints, old)...)
	}
	return errs
}

func validateAddressType(obj, old *discoveryv1.EndpointSlice) field.ErrorList {
	path := field.NewPath("addressType")
	if old != nil && old.AddressType == obj.AddressType {
		return nil
	}
	var errs field.ErrorList
	if obj.AddressType == "" {
		errs = append(errs, field.Required(path, ""))
	}
	if old != nil {
		errs = append(errs, field.Invalid(path, nil, apivalidation.FieldImmutableErrorMsg))
	}
	if len(errs) > 0 {
		return errs
	}
	switch obj.AddressType {
	case discoveryv1.AddressTypeIPv4, discoveryv1.AddressTypeIPv6, discoveryv1.AddressTypeFQDN:
		return nil
	}
	return field.ErrorList{field.NotSupported(path, obj.AddressType, []string{"FQDN", "IPv4", "IPv6"})}
}

func validateAddressCounts(endpoints []discoveryv1.Endpoint, old *discoveryv1.EndpointSlice) field.ErrorList {
	var errs field.ErrorList
	for i := range endpoints {
		path := field.NewPath("endpoints").Index(i).Child("addresses")
		n := len(endpoints[i].Addresses)
		if old != nil && i < len(old.Endpoints) && slices.Equal(endpoints[i].Addresses, old.Endpoints[i].Addresses) {
			continue
		}
		switch {
		case n == 0:
			errs = append(errs, field.Required(path, ""))
		case n > maxAddresses:
			errs = append(errs, field.TooMany(path, n, maxAddresses))
		}
	}
	return errs
}

func validateEndpoints(obj *discoveryv1.EndpointSlice) field.ErrorList {
	root := field.NewPath("endpoints")
	if n := len(obj.Endpoints); n > maxEndpoints {
		return field.ErrorList{field.TooMany(root, n, maxEndpoints)}
	}
	var errs field.ErrorList
	for i := range obj.Endpoints {
		e, path := &obj.Endpoints[i], root.Index(i)
		for j, a := range e.Addresses {
			errs = append(errs, validateAddress(obj.AddressType, a, path.Child("addresses"), j)...)
		}
		if e.NodeName != nil {
			for _, msg := range apivalidation.NameIsDNSSubdomain(*e.NodeName, false) {
				errs = append(errs, field.Invalid(path.Child("nodeName"), *e.NodeName, msg))
			}
		}
		if e.Hostname != nil {
			for _, msg := range validation.IsDNS1123Label(*e.Hostname) {
				errs = append(errs, field.Invalid(path.Child("hostname"), *e.Hostname, msg))
			}
		}
		if e.Hints != nil {
			errs = append(errs, validateHints(e.Hints, path.Child("hints"))...)
		}
	}
	return errs
}

// validateAddress checks the i-th address of an endpoint by the slice's type; unknown types have no rules.
func validateAddress(t discoveryv1.AddressType, a string, path *field.Path, i int) field.ErrorList {
	var errs field.ErrorList
	switch t {
	case discoveryv1.AddressTypeIPv4:
		if errs = addresses.IP(a, nil, path.Index(i)); len(errs) > 0 {
			return errs
		}
		if !netutils.IsIPv4String(a) {
			errs = append(errs, field.Invalid(path, a, "must be an IPv4 address"))
		}
	case discoveryv1.AddressTypeIPv6:
		if errs = validation.IsValidIP(path.Index(i), a); len(errs) > 0 {
			return errs
		}
		if !netutils.IsIPv6String(a) {
			errs = append(errs, field.Invalid(path, a, "must be an IPv6 address"))
		}
	case discoveryv1.AddressTypeFQDN:
		return validation.IsFullyQualifiedDomainName(path.Index(i), a)
	default:
		return nil
	}
	return append(errs, addresses.Reachable(a, path.Index(i))...)
}

func validateHints(hints *discoveryv1.EndpointHints, path *field.Path) field.ErrorList {
	zones := make([]string, len(hints.ForZones))
	for i, z := range hints.ForZones {
		zones[i] = z.Name
	}
	errs, tooMany := validateHintNames(zones, validation.IsValidLabelValue, path.Child("forZones"))
	if tooMany {
		return errs
	}
	nodes := make([]string, len(hints.ForNodes))
	for i, n := range hints.ForNodes {
		nodes[i] = n.Name
	}
	more, _ := validateHintNames(nodes, func(name string) []string { return apivalidation.NameIsDNSSubdomain(name, false) }, path.Child("forNodes"))
	return append(errs, more...)
}

func validateHintNames(names []string, check func(string) []string, path *field.Path) (errs field.ErrorList, tooMany bool) {
	if len(names) > maxHints {
		return field.ErrorList{field.TooMany(path, len(names), maxHints)}, true
	}
	for i, name := range names {
		at := path.Index(i).Child("name")
		if slices.Contains(names[:i], name) {
			errs = append(errs, field.Duplicate(at, name))
		}
		for _, msg := range check(name) {
			errs = append(errs, field.Invalid(at, name, msg))
		}
	}
	return errs, false
}

// validatePorts does not look at the numbers of ports; nor does kube-apiserver.
func validatePorts(ports []discoveryv1.EndpointPort) field.ErrorList {
	root := field.NewPath("ports")
	if n := len(ports); n > maxPorts {
		return field.ErrorList{field.TooMany(root, n, maxPorts)}
	}
	var errs field.ErrorList
	names := make(map[string]bool, len(ports))
	for i := range ports {
		p, path := &ports[i], root.Index(i)
		name := *p.Name // defaulted
		if name != "" {
			for _, msg := range validation.IsDNS1123Label(name) {
				errs = append(errs, field.Invalid(path.Child("name"), name, msg))
			}
		}
		if names[name] {
			errs = append(errs, field.Duplicate(path.Child("name"), name))
		}
		names[name] = true
		switch *p.Protocol {
		case corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP:
		default:
			errs = append(errs, field.NotSupported(path.Child("protocol"), *p.Protocol, []string{"SCTP", "TCP", "UDP"}))
		}
		if p.AppProtocol != nil {
			for _, msg := range validation.IsQualifiedName(*p.AppProtocol) {
				errs = append(errs, field.Invalid(path.Child("appProtocol"), *p.AppProtocol, msg))
			}
		}
	}
	return errs
}
