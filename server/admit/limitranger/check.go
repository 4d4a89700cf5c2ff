package limitranger

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	podresources "k8s.io/component-helpers/resource"
)

// checkPod returns what of the pod is out of the range, container by container and as a whole.
func checkPod(pod *corev1.Pod, r *corev1.LimitRange) (faults []string) {
	for i := range r.Spec.Limits {
		item := &r.Spec.Limits[i]
		switch item.Type {
		case corev1.LimitTypeContainer:
			for _, list := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
				for _, c := range list {
					faults = append(faults, checkItem(item, c.Resources.Requests, c.Resources.Limits)...)
				}
			}
		case corev1.LimitTypePod:
			options := podresources.PodResourcesOptions{ExcludeOverhead: true}
			faults = append(faults, checkItem(item, podresources.PodRequests(pod, options), podresources.PodLimits(pod, options))...)
		}
	}
	return faults
}

func checkItem(item *corev1.LimitRangeItem, requests, limits corev1.ResourceList) (faults []string) {
	for _, rule := range []struct {
		bounds corev1.ResourceList
		check  func(bound) string
	}{{item.Min, bound.min}, {item.Max, bound.max}, {item.MaxLimitRequestRatio, bound.ratio}} {
		for _, name := range slices.Sorted(maps.Keys(rule.bounds)) {
			b := bound{kind: item.Type, name: name, value: rule.bounds[name]}
			b.request, b.hasRequest = requests[name]
			b.limit, b.hasLimit = limits[name]
			if fault := rule.check(b); fault != "" {
				faults = append(faults, fault)
			}
		}
	}
	return faults
}

// checkClaim does the same for a claim, which has requests alone.
func checkClaim(claim *corev1.PersistentVolumeClaim, r *corev1.LimitRange) (faults []string) {
	for i := range r.Spec.Limits {
		item := &r.Spec.Limits[i]
		if item.Type != corev1.LimitTypePersistentVolumeClaim {
			continue
		}
		for _, rule := range []struct {
			bounds corev1.ResourceList
			check  func(bound) string
		}{{item.Min, bound.min}, {item.Max, bound.maxRequest}} {
			for _, name := range slices.Sorted(maps.Keys(rule.bounds)) {
				b := bound{kind: item.Type, name: name, value: rule.bounds[name]}
				b.request, b.hasRequest = claim.Spec.Resources.Requests[name]
				if fault := rule.check(b); fault != "" {
					faults = append(faults, fault)
				}
			}
		}
	}
	return faults
}
