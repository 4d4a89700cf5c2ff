// Package node makes the kinds of node.k8s.io/v1. A kind is a file, with
// its rules in files beside it. Callers: kinds/builtin. Pure, like all of kinds.
package node

import "github.com/nave-k8s/nave/kinds"

const group, version, groupVersion = "node.k8s.io", "v1", "node.k8s.io/v1"

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		runtimeClass(),
	}
}
