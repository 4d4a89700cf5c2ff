package service

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Restore fills in what the server gave out and the client left out of an update (old is nil on create), so
// that the first manifest can be sent again and again, and brings clusterIP and clusterIPs together for
// clients that know only one of the two.
func Restore(obj, old *corev1.Service) {
	if old == nil {
		if obj.Spec.ClusterIP != "" && len(obj.Spec.ClusterIPs) == 0 {
			obj.Spec.ClusterIPs = []string{obj.Spec.ClusterIP}
		}
		return
	}
	if NeedsClusterIP(old) && NeedsClusterIP(obj) {
		if obj.Spec.ClusterIP == "" {
			obj.Spec.ClusterIP = old.Spec.ClusterIP
		}
		if len(obj.Spec.ClusterIPs) == 0 && obj.Spec.ClusterIP == old.Spec.ClusterIP {
			obj.Spec.ClusterIPs = slices.Clone(old.Spec.ClusterIPs)
		}
	}
	if NeedsNodePorts(old) && NeedsNodePorts(obj) {
		restoreNodePorts(obj, old)
	}
	if NeedsHealthCheckPort(old) && NeedsHealthCheckPort(obj) && obj.Spec.HealthCheckNodePort == 0 {
		obj.Spec.HealthCheckNodePort = old.Spec.HealthCheckNodePort
	}
	linkClusterIPs(&obj.Spec, &old.Spec)
}

// restoreNodePorts gives ports without a node port the one that the port of the same name had, unless the
// client has given it to another port.
func restoreNodePorts(obj, old *corev1.Service) {
	used := map[int32]bool{}
	for _, p := range obj.Spec.Ports {
		used[p.NodePort] = true
	}
	byName := make(map[string]int32, len(old.Spec.Ports))
	for _, p := range old.Spec.Ports {
		byName[p.Name] = p.NodePort
	}
	for i := range obj.Spec.Ports {
		p := &obj.Spec.Ports[i]
		if was := byName[p.Name]; p.NodePort == 0 && !used[was] {
			p.NodePort = was
		}
	}
}

func linkClusterIPs(spec, old *corev1.ServiceSpec) {
	if spec.ClusterIP == old.ClusterIP {
		if len(spec.ClusterIPs) == 0 {
			spec.ClusterIPs = slices.Clone(old.ClusterIPs)
		}
		return
	}
	// The client has changed clusterIP; if it has left clusterIPs alone, it knows of one only.
	same := slices.Equal(spec.ClusterIPs, old.ClusterIPs)
	switch {
	case spec.ClusterIP == "" && same:
		spec.ClusterIPs = nil
	case spec.ClusterIP != "" && (same || len(spec.ClusterIPs) == 0):
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
}
