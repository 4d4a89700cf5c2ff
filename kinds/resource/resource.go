// Package resource makes the kinds of resource.k8s.io/v1 (dynamic resource allocation). A kind is a file, with
// its rules in files beside it. Callers: kinds/builtin. Pure, like all of kinds.
package resource

import "github.com/nave-k8s/nave/kinds"

const group, version, groupVersion = "resource.k8s.io", "v1", "resource.k8s.io/v1"

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		deviceClass(),
		deviceTaintRule(),
		resourceClaim(),
		resourceClaimTemplate(),
		resourceSlice(),
	}
}
