package pod

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds/podspec"
)

// QOSClass says how a pod is treated when a node runs out of memory: Guaranteed where every container (or
// the pod as a whole) has limits of cpu and memory equal to its requests, BestEffort where nothing is asked
// for, else Burstable. Ephemeral containers do not count.
func QOSClass(spec *corev1.PodSpec) corev1.PodQOSClass {
	if r := spec.Resources; r != nil && (podLevel(r.Requests) || podLevel(r.Limits)) {
		switch {
		case !asks(r):
			return corev1.PodQOSBestEffort
		case limited(r):
			return corev1.PodQOSGuaranteed
		}
		return corev1.PodQOSBurstable
	}
	some, all := false, true
	for _, containers := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range containers {
			some = some || asks(&containers[i].Resources)
			all = all && limited(&containers[i].Resources)
		}
	}
	switch {
	case !some:
		return corev1.PodQOSBestEffort
	case all:
		return corev1.PodQOSGuaranteed
	}
	return corev1.PodQOSBurstable
}

func podLevel(list corev1.ResourceList) bool {
	for name := range list {
		if podspec.IsPodLevel(name) {
			return true
		}
	}
	return false
}

// asks reports whether cpu or memory is asked for or limited; other resources do not count.
func asks(r *corev1.ResourceRequirements) bool {
	for _, list := range []corev1.ResourceList{r.Requests, r.Limits} {
		if positive(list, corev1.ResourceCPU) || positive(list, corev1.ResourceMemory) {
			return true
		}
	}
	return false
}

func positive(list corev1.ResourceList, name corev1.ResourceName) bool {
	q, there := list[name]
	return there && q.Sign() > 0
}

// limited reports whether cpu and memory have limits, equal to the requests.
func limited(r *corev1.ResourceRequirements) bool {
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		request, limit := r.Requests[name], r.Limits[name]
		if !positive(r.Limits, name) || request.Cmp(limit) != 0 {
			return false
		}
	}
	return true
}
