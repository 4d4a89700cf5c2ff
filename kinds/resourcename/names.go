// Package resourcename knows the names of compute resources (cpu, requests.memory, hugepages-2Mi,
// example.com/gpu) and checks them and their amounts. Callers: the kinds with lists of resources, and the
// plugins that count them.
package resourcename

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Native reports whether Kubernetes itself defines the resource: it has no domain, or one of kubernetes.io.
func Native(name corev1.ResourceName) bool {
	return !strings.Contains(string(name), "/") || strings.Contains(string(name), corev1.ResourceDefaultNamespacePrefix)
}

// Extended reports whether the resource is of a device or the like, with a domain of its own.
func Extended(name corev1.ResourceName) bool {
	if Native(name) || strings.HasPrefix(string(name), corev1.DefaultResourceRequestsPrefix) {
		return false
	}
	// A quota must be able to limit it, and does so under this name.
	return len(validation.IsQualifiedName(corev1.DefaultResourceRequestsPrefix+string(name))) == 0
}

// HugePages reports whether the resource is huge pages of some size.
func HugePages(name corev1.ResourceName) bool {
	return strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix)
}

// quotaHugePages are huge pages as a quota may name them too.
func quotaHugePages(name corev1.ResourceName) bool {
	return HugePages(name) || strings.HasPrefix(string(name), corev1.ResourceRequestsHugePagesPrefix)
}

// Overcommit reports whether limits may exceed requests.
func Overcommit(name corev1.ResourceName) bool { return Native(name) && !HugePages(name) }

// Integer reports whether the resource comes in whole pieces: objects, and extended resources.
func Integer(name corev1.ResourceName) bool { return countsObjects(name) || Extended(name) }

func countsObjects(name corev1.ResourceName) bool {
	switch name {
	case corev1.ResourcePods, corev1.ResourceQuotas, corev1.ResourceServices, corev1.ResourceReplicationControllers,
		corev1.ResourceSecrets, corev1.ResourceConfigMaps, corev1.ResourcePersistentVolumeClaims,
		corev1.ResourceServicesNodePorts, corev1.ResourceServicesLoadBalancers:
		return true
	}
	return false
}

// StandardForContainer reports whether it is one of the resources without a domain that a container may
// ask for.
func StandardForContainer(name corev1.ResourceName) bool {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return true
	}
	return HugePages(name)
}

// StandardForQuota reports whether it is one of the resources without a domain that a quota may limit.
func StandardForQuota(name corev1.ResourceName) bool {
	switch name {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage,
		corev1.ResourceRequestsCPU, corev1.ResourceRequestsMemory, corev1.ResourceRequestsStorage, corev1.ResourceRequestsEphemeralStorage,
		corev1.ResourceLimitsCPU, corev1.ResourceLimitsMemory, corev1.ResourceLimitsEphemeralStorage:
		return true
	}
	return countsObjects(name) || quotaHugePages(name)
}

// Standard reports whether it is one of all the resources without a domain.
func Standard(name corev1.ResourceName) bool {
	return StandardForQuota(name) || name == corev1.ResourceStorage
}
