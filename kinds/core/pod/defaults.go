package pod

import (
	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/component-helpers/resource"

	"github.com/nave-k8s/nave/kinds/podspec"
	"github.com/nave-k8s/nave/kinds/resourcename"
)

// Default fills in what a pod leaves out: what every pod spec has by default, and what only pods do.
func Default(pod *corev1.Pod) {
	podspec.DropOldAnnotations(&pod.ObjectMeta)
	spec := &pod.Spec
	for i := range spec.Containers {
		defaultRequests(&spec.Containers[i].Resources)
	}
	for i := range spec.InitContainers {
		defaultRequests(&spec.InitContainers[i].Resources)
	}
	if spec.EnableServiceLinks == nil {
		spec.EnableServiceLinks = new(corev1.DefaultEnableServiceLinks)
	}
	if grace := spec.TerminationGracePeriodSeconds; grace != nil && *grace < 0 {
		spec.TerminationGracePeriodSeconds = new(int64(1))
	}
	if spec.HostNetwork {
		defaultHostPorts(spec.Containers)
		defaultHostPorts(spec.InitContainers)
	}
	podspec.Default(spec)
	defaultIPs(&pod.Status)
}

// defaultRequests asks for what is the limit where a container does not say what it asks for.
func defaultRequests(r *corev1.ResourceRequirements) {
	for name, limit := range r.Limits {
		if _, asked := r.Requests[name]; !asked {
			set(&r.Requests, name, limit)
		}
	}
}

func set(list *corev1.ResourceList, name corev1.ResourceName, q apiresource.Quantity) {
	if *list == nil {
		*list = corev1.ResourceList{}
	}
	(*list)[name] = q.DeepCopy()
}

// completeResources completes what the pod as a whole asks for from what its containers do. Unlike a default it
// comes with the stages of a request and not with decoding, so that nobody owns what it sets.
func completeResources(pod *corev1.Pod) {
	r := pod.Spec.Resources
	if r == nil || len(r.Limits)+len(r.Requests) == 0 {
		return // the pod leaves it all to its containers
	}
	limits := resource.AggregateContainerLimits(pod, resource.PodResourcesOptions{})
	for name, sum := range limits {
		_, limited := r.Limits[name]
		request, asked := r.Requests[name]
		switch {
		case limited:
		case resourcename.HugePages(name):
			if !asked {
				set(&r.Limits, name, sum)
			}
		case podspec.IsPodLevel(name) && allLimit(&pod.Spec, name):
			// The containers together may use no more than this, unless the pod is promised more.
			if asked && sum.Cmp(request) < 0 {
				sum = request
			}
			set(&r.Limits, name, sum)
		}
	}
	if len(r.Limits) == 0 {
		return
	}
	for name, sum := range resource.AggregateContainerRequests(pod, resource.PodResourcesOptions{}) {
		if _, asked := r.Requests[name]; !asked && (name == corev1.ResourceCPU || name == corev1.ResourceMemory) {
			set(&r.Requests, name, sum)
		}
	}
	for name, limit := range r.Limits {
		if _, asked := r.Requests[name]; !asked && podspec.IsPodLevel(name) {
			set(&r.Requests, name, limit)
		}
	}
}

func allLimit(spec *corev1.PodSpec, name corev1.ResourceName) bool {
	for i := range spec.Containers {
		if _, limited := spec.Containers[i].Resources.Limits[name]; !limited {
			return false
		}
	}
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		if _, limited := c.Resources.Limits[name]; !limited && podspec.IsSidecar(c) {
			return false
		}
	}
	return true
}

// defaultHostPorts: with the node's network, a container's port is the node's.
func defaultHostPorts(containers []corev1.Container) {
	for i := range containers {
		for j := range containers[i].Ports {
			if p := &containers[i].Ports[j]; p.HostPort == 0 {
				p.HostPort = p.ContainerPort
			}
		}
	}
}

// defaultIPs keeps podIP the first of podIPs. Where they differ podIP wins: clients that know only it set it.
func defaultIPs(s *corev1.PodStatus) {
	if s.PodIP != "" && (len(s.PodIPs) == 0 || s.PodIPs[0].IP != s.PodIP) {
		s.PodIPs = []corev1.PodIP{{IP: s.PodIP}}
	}
	s.PodIP = ""
	if len(s.PodIPs) > 0 {
		s.PodIP = s.PodIPs[0].IP
	}
}
