// Package networking makes the kinds of networking.k8s.io/v1. A kind is a file, with its rules in files
// beside it (ingress.go, ingress_validate.go). Callers: kinds/builtin. Pure, like all of kinds.
package networking

import "github.com/nave-k8s/nave/kinds"

const group, version, groupVersion = "networking.k8s.io", "v1", "networking.k8s.io/v1"

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		ingressClass(),
		ingress(),
		ipAddress(),
		networkPolicy(),
		serviceCIDR(),
	}
}
