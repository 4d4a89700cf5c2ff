package service

import corev1 "k8s.io/api/core/v1"

// NeedsClusterIP reports whether the service has cluster IPs, be they "None": all have that are no alias, those
// of a type that validation will refuse, too.
func NeedsClusterIP(s *corev1.Service) bool { return s.Spec.Type != corev1.ServiceTypeExternalName }

// Headless reports whether the service is reached by its endpoints alone.
func Headless(s *corev1.Service) bool {
	return len(s.Spec.ClusterIPs) == 1 && s.Spec.ClusterIPs[0] == corev1.ClusterIPNone
}

// NeedsNodePorts reports whether every port of the service is to have a node port. Ports of a load balancer
// that does without may have one all the same.
func NeedsNodePorts(s *corev1.Service) bool {
	switch s.Spec.Type {
	case corev1.ServiceTypeNodePort:
		return true
	case corev1.ServiceTypeLoadBalancer:
		return s.Spec.AllocateLoadBalancerNodePorts == nil || *s.Spec.AllocateLoadBalancerNodePorts
	}
	return false
}

// MayHaveNodePorts reports whether node ports mean anything for the service.
func MayHaveNodePorts(s *corev1.Service) bool {
	return s.Spec.Type == corev1.ServiceTypeNodePort || s.Spec.Type == corev1.ServiceTypeLoadBalancer
}

// NeedsHealthCheckPort reports whether nodes tell a load balancer on a port of the service if they have an
// endpoint of it.
func NeedsHealthCheckPort(s *corev1.Service) bool {
	return s.Spec.Type == corev1.ServiceTypeLoadBalancer && s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
}

// ExternallyAccessible reports whether the service can be reached from outside the cluster.
func ExternallyAccessible(s *corev1.Service) bool {
	return MayHaveNodePorts(s) || s.Spec.Type == corev1.ServiceTypeClusterIP && len(s.Spec.ExternalIPs) > 0
}

// AllocatedIPs returns the cluster IPs that the service, as it is stored, holds.
func AllocatedIPs(s *corev1.Service) []string {
	if !NeedsClusterIP(s) || Headless(s) {
		return nil
	}
	return s.Spec.ClusterIPs
}

// A NodePort is a port that a service holds on every node, for a protocol: one service may use a port for
// several, two services may not share it.
type NodePort struct {
	Protocol corev1.Protocol
	Port     int32
}

// AllocatedNodePorts returns the node ports of the service's ports in their order, without the health
// check's. Those of a type that has none are not counted.
func AllocatedNodePorts(s *corev1.Service) []NodePort {
	if !MayHaveNodePorts(s) {
		return nil
	}
	var out []NodePort
	for _, p := range s.Spec.Ports {
		if p.NodePort != 0 {
			out = append(out, NodePort{p.Protocol, p.NodePort})
		}
	}
	return out
}

// Headless by clusterIP alone is what warnings and families go by, before clusterIPs is filled in.
func asksHeadless(s *corev1.Service) bool { return s.Spec.ClusterIP == corev1.ClusterIPNone }
