package service

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// dropUnused drops the default of a field that the type has no use for. A value that is not valid stays,
// to be refused.
func dropUnused(obj *corev1.Service) {
	if p := obj.Spec.InternalTrafficPolicy; obj.Spec.Type == corev1.ServiceTypeExternalName && p != nil && slices.Contains(trafficPolicies, string(*p)) {
		obj.Spec.InternalTrafficPolicy = nil
	}
}

// dropOnTypeChange clears fields that the new type has no use for, where the client has not touched them:
// it cannot be asked to know what the server filled in. What it has changed stays, for validation to refuse.
func dropOnTypeChange(obj, old *corev1.Service) {
	spec, was := &obj.Spec, &old.Spec
	if NeedsClusterIP(old) && !NeedsClusterIP(obj) {
		if spec.ClusterIP == was.ClusterIP && slices.Equal(spec.ClusterIPs, was.ClusterIPs) {
			spec.ClusterIP, spec.ClusterIPs = "", nil
		}
		if slices.Equal(spec.IPFamilies, was.IPFamilies) {
			spec.IPFamilies = nil
		}
		if samePointer(spec.IPFamilyPolicy, was.IPFamilyPolicy) {
			spec.IPFamilyPolicy = nil
		}
	}
	if MayHaveNodePorts(old) && !MayHaveNodePorts(obj) && sameNodePorts(obj, old) {
		for i := range spec.Ports {
			spec.Ports[i].NodePort = 0
		}
	}
	if NeedsHealthCheckPort(old) && !NeedsHealthCheckPort(obj) && spec.HealthCheckNodePort == was.HealthCheckNodePort {
		spec.HealthCheckNodePort = 0
	}
	if was.Type == corev1.ServiceTypeLoadBalancer && spec.Type != corev1.ServiceTypeLoadBalancer {
		if samePointer(spec.AllocateLoadBalancerNodePorts, was.AllocateLoadBalancerNodePorts) {
			spec.AllocateLoadBalancerNodePorts = nil
		}
		if samePointer(spec.LoadBalancerClass, was.LoadBalancerClass) {
			spec.LoadBalancerClass = nil
		}
	}
	if ExternallyAccessible(old) && !ExternallyAccessible(obj) && spec.ExternalTrafficPolicy == was.ExternalTrafficPolicy {
		spec.ExternalTrafficPolicy = ""
	}
	if spec.Type != corev1.ServiceTypeLoadBalancer {
		obj.Status.LoadBalancer = corev1.LoadBalancerStatus{}
	}
}

func samePointer[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// sameNodePorts compares the node ports of two services as sets.
func sameNodePorts(a, b *corev1.Service) bool {
	set := func(s *corev1.Service) map[int32]bool {
		out := map[int32]bool{}
		for _, p := range s.Spec.Ports {
			if p.NodePort != 0 {
				out[p.NodePort] = true
			}
		}
		return out
	}
	sa, sb := set(a), set(b)
	if len(sa) != len(sb) {
		return false
	}
	for p := range sa {
		if !sb[p] {
			return false
		}
	}
	return true
}
