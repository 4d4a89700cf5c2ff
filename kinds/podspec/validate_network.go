package podspec

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// What the resolver of the C library can take.
const (
	maxNameservers   = 3
	maxSearches      = 32
	maxSearchesChars = 2048

	maxHostnameOverride = 64 // the kernel's limit
)

func (s *scope) validateDNS(path *field.Path) field.ErrorList {
	c := s.spec.DNSConfig
	if s.spec.DNSPolicy == corev1.DNSNone {
		if c == nil {
			return field.ErrorList{field.Required(path, fmt.Sprintf("must provide `dnsConfig` when `dnsPolicy` is %s", corev1.DNSNone))}
		}
		if len(c.Nameservers) == 0 {
			return field.ErrorList{field.Required(path.Child("nameservers"), fmt.Sprintf("must provide at least one DNS nameserver when `dnsPolicy` is %s", corev1.DNSNone))}
		}
	}
	if c == nil {
		return nil
	}
	var errs field.ErrorList
	if len(c.Nameservers) > maxNameservers {
		errs = append(errs, field.Invalid(path.Child("nameservers"), c.Nameservers, fmt.Sprintf("must not have more than %v nameservers", maxNameservers)))
	}
	for i, ip := range c.Nameservers {
		errs = append(errs, s.validateIP(ip, path.Child("nameservers").Index(i))...)
	}
	if len(c.Searches) > maxSearches {
		errs = append(errs, field.Invalid(path.Child("searches"), c.Searches, fmt.Sprintf("must not have more than %v search paths", maxSearches)))
	}
	if len(strings.Join(c.Searches, " ")) > maxSearchesChars {
		errs = append(errs, field.Invalid(path.Child("searches"), c.Searches, fmt.Sprintf("must not have more than %v characters (including spaces) in the search list", maxSearchesChars)))
	}
	for i, search := range c.Searches {
		if search == "." {
			continue
		}
		name := strings.TrimSuffix(search, ".")
		errs = append(errs, invalidEach(path.Child("searches").Index(i), name, validation.IsDNS1123SubdomainWithUnderscore(name))...)
	}
	for i := range c.Options {
		if c.Options[i].Name == "" {
			errs = append(errs, field.Required(path.Child("options").Index(i), "must not be empty"))
		}
	}
	return errs
}

func (s *scope) validateIP(ip string, path *field.Path) field.ErrorList {
	return validation.IsValidIPForLegacyField(path, ip, true, s.opts.OldIPs)
}

func (s *scope) validateHostAliases(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, a := range s.spec.HostAliases {
		errs = append(errs, s.validateIP(a.IP, path.Index(i).Child("ip"))...)
		for j, name := range a.Hostnames {
			errs = append(errs, validateSubdomain(name, path.Index(i).Child("hostnames").Index(j))...)
		}
	}
	return errs
}

func validateHostnames(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if spec.Hostname != "" {
		errs = append(errs, validateDNSLabel(spec.Hostname, path.Child("hostname"))...)
	}
	if spec.Subdomain != "" {
		errs = append(errs, validateDNSLabel(spec.Subdomain, path.Child("subdomain"))...)
	}
	if spec.HostnameOverride == nil {
		return errs
	}
	name, at := *spec.HostnameOverride, path.Child("hostnameOverride")
	errs = append(errs, validateSubdomain(name, at)...)
	if len(name) > maxHostnameOverride {
		errs = append(errs, field.TooLong(at, name, maxHostnameOverride))
	}
	if deref(spec.SetHostnameAsFQDN) {
		errs = append(errs, field.Forbidden(at, "may not be specified when setHostnameAsFQDN is true"))
	}
	if spec.HostNetwork {
		errs = append(errs, field.Forbidden(at, "may not be specified when hostNetwork is true"))
	}
	return errs
}
