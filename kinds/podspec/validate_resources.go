package podspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/component-helpers/resource"

	"github.com/nave-k8s/nave/kinds/resourcename"
)

type nameRule func(corev1.ResourceName, *field.Path) field.ErrorList

// validateResources checks limits, requests and claims; claims are the names of the pod's.
func validateResources(r *corev1.ResourceRequirements, validateName nameRule, claims map[string]bool, opts Options, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	limits, requests := path.Child("limits"), path.Child("requests")
	basic, huge := false, false
	for _, name := range resourcename.Sorted(r.Limits) {
		errs = append(errs, validateResource(name, r.Limits, validateName, opts, limits.Key(string(name)))...)
	}
	for _, name := range resourcename.Sorted(r.Requests) {
		errs = append(errs, validateResource(name, r.Requests, validateName, opts, requests.Key(string(name)))...)
		request := r.Requests[name]
		limit, limited := r.Limits[name]
		switch {
		case !limited && !resourcename.Overcommit(name):
			errs = append(errs, field.Required(limits, "Limit must be set for non overcommitable resources"))
		case !limited:
		case !resourcename.Overcommit(name) && request.Cmp(limit) != 0:
			errs = append(errs, field.Invalid(requests, request.String(), fmt.Sprintf("must be equal to %s limit of %s", name, limit.String())))
		case request.Cmp(limit) > 0:
			errs = append(errs, field.Invalid(requests, request.String(), fmt.Sprintf("must be less than or equal to %s limit of %s", name, limit.String())))
		}
	}
	for _, list := range []corev1.ResourceList{r.Limits, r.Requests} {
		for name := range list {
			basic = basic || name == corev1.ResourceCPU || name == corev1.ResourceMemory
			huge = huge || resourcename.HugePages(name)
		}
	}
	if huge && !basic {
		errs = append(errs, field.Forbidden(path, "HugePages require cpu or memory"))
	}
	return append(errs, validateClaims(r.Claims, claims, path.Child("claims"))...)
}

func validateResource(name corev1.ResourceName, list corev1.ResourceList, validateName nameRule, opts Options, path *field.Path) field.ErrorList {
	q := list[name]
	errs := validateName(name, path)
	errs = append(errs, resourcename.ValidateQuantity(name, q, path)...)
	if resourcename.HugePages(name) && !opts.IndivisibleHugePages && !wholePages(name, q) {
		errs = append(errs, field.Invalid(path, q.String(), fmt.Sprintf("%s is not positive integer multiple of %s", q.String(), name)))
	}
	return errs
}

// validateClaims checks which of the pod's resource claims a container uses: each once, as a whole or by
// different requests of it.
func validateClaims(uses []corev1.ResourceClaim, claims map[string]bool, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	used := map[string]bool{}
	for i, use := range uses {
		at := path.Index(i)
		if use.Name == "" {
			errs = append(errs, field.Required(at, ""))
			continue
		}
		if used[use.Name] {
			errs = append(errs, field.Duplicate(at, use.Name))
		} else {
			key := use.Name
			if use.Request != "" {
				errs = append(errs, validateDNSLabel(use.Request, at.Child("request"))...)
				key += "/" + use.Request
			}
			if used[key] {
				errs = append(errs, field.Duplicate(at, key))
			} else if use.Request == "" && usesPart(used, use.Name) {
				errs = append(errs, field.Duplicate(at, use.Name))
			}
			used[key] = true
		}
		if !claims[use.Name] {
			err := field.NotFound(at, use.Name)
			err.Detail = "must be one of the names in pod.spec.resourceClaims"
			if len(claims) == 0 {
				err.Detail += " which is empty"
			} else {
				err.Detail += ": " + strings.Join(slices.Sorted(maps.Keys(claims)), ", ")
			}
			errs = append(errs, err)
		}
	}
	return errs
}

func usesPart(used map[string]bool, name string) bool {
	for key := range used {
		if strings.HasPrefix(key, name+"/") {
			return true
		}
	}
	return false
}

func claimNames(claims []corev1.PodResourceClaim) map[string]bool {
	if len(claims) == 0 {
		return nil
	}
	names := make(map[string]bool, len(claims))
	for i := range claims {
		if claims[i].Name != "" {
			names[claims[i].Name] = true
		}
	}
	return names
}

// validatePodResources checks what the pod as a whole asks for, by itself and against its containers.
func (s *scope) validatePodResources(path *field.Path) field.ErrorList {
	r := s.spec.Resources
	if r == nil {
		return nil
	}
	if s.spec.OS != nil && s.spec.OS.Name == corev1.Windows {
		return field.ErrorList{field.Forbidden(path, "may not be set for a windows pod")}
	}
	var errs field.ErrorList
	if len(r.Claims) > 0 {
		errs = append(errs, field.Forbidden(path.Child("claims"), "claims may not be set for Resources at pod-level"))
	}
	errs = append(errs, validateResources(r, validatePodResourceName, s.claims, s.opts, path)...)
	return append(errs, validatePodAgainstContainers(s.spec, path)...)
}

func validatePodAgainstContainers(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	pod := &corev1.Pod{Spec: *spec} // read only
	sums := resource.AggregateContainerRequests(pod, resource.PodResourcesOptions{})
	for _, name := range resourcename.Sorted(sums) {
		own, asked := spec.Resources.Requests[name]
		if sum := sums[name]; asked && IsPodLevel(name) && own.Cmp(sum) < 0 {
			errs = append(errs, field.Invalid(path.Child("requests").Key(string(name)), own.String(), fmt.Sprintf("must be greater than or equal to aggregate container requests of %s", sum.String())))
		}
	}
	sums = resource.AggregateContainerLimits(pod, resource.PodResourcesOptions{})
	for _, name := range resourcename.Sorted(sums) {
		own, limited := spec.Resources.Limits[name]
		if sum := sums[name]; limited && resourcename.HugePages(name) && own.Cmp(sum) < 0 {
			errs = append(errs, field.Invalid(path.Child("limits").Key(string(name)), own.String(), fmt.Sprintf("must be greater than or equal to aggregate container limits of %s", sum.String())))
		}
	}
	for i := range spec.Containers {
		limits := spec.Containers[i].Resources.Limits
		for _, name := range resourcename.Sorted(limits) {
			own, limited := spec.Resources.Limits[name]
			if limit := limits[name]; limited && limit.Cmp(own) > 0 {
				errs = append(errs, field.Invalid(path.Child("containers").Index(i).Key(string(name)).Child("limits"), limit.String(), fmt.Sprintf("must be less than or equal to pod limits of %s", own.String())))
			}
		}
	}
	return errs
}
