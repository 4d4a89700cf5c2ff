package pod

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func validateClaimStatuses(statuses []corev1.PodResourceClaimStatus, claims []corev1.PodResourceClaim, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	names := map[string]bool{}
	for i, s := range statuses {
		if !slices.ContainsFunc(claims, func(c corev1.PodResourceClaim) bool { return c.Name == s.Name }) {
			errs = append(errs, field.Invalid(path.Index(i).Child("name"), s.Name, "must match the name of an entry in `spec.resourceClaims`"))
		}
		if names[s.Name] {
			errs = append(errs, field.Duplicate(path.Index(i).Child("name"), s.Name))
		}
		names[s.Name] = true
		if s.ResourceClaimName != nil {
			errs = append(errs, subdomain(*s.ResourceClaimName, path.Index(i).Child("name"))...)
		}
	}
	return errs
}

func subdomain(name string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range validation.IsDNS1123Subdomain(name) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	return errs
}

// validateExtendedClaim checks the claim that a scheduler made for extended resources of containers.
func validateExtendedClaim(s *corev1.PodExtendedResourceClaimStatus, spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	if s == nil {
		return nil
	}
	errs := subdomain(s.ResourceClaimName, path.Child("resourceClaimName"))
	at := path.Child("requestMappings")
	if len(s.RequestMappings) == 0 {
		return append(errs, field.Required(at, "at least one request mapping is required"))
	}
	type use struct{ container, resource string }
	seen := map[use]bool{}
	for i, m := range s.RequestMappings {
		here := at.Index(i)
		if find(spec.Containers, m.ContainerName) == nil && find(spec.InitContainers, m.ContainerName) == nil {
			errs = append(errs, field.NotFound(here.Child("containerName"), m.ContainerName))
		}
		for _, msg := range validation.IsQualifiedName(m.ResourceName) {
			errs = append(errs, field.Invalid(here.Child("resourceName"), m.ResourceName, msg))
		}
		for _, msg := range validation.IsDNS1123Label(m.RequestName) {
			errs = append(errs, field.Invalid(here.Child("requestName"), m.RequestName, msg))
		}
		if u := (use{m.ContainerName, m.ResourceName}); seen[u] {
			errs = append(errs, field.Duplicate(here, m.ContainerName+"/"+m.ResourceName))
		} else {
			seen[u] = true
		}
	}
	return errs
}
