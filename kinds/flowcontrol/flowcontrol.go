// Package flowcontrol makes the kinds of flowcontrol.apiserver.k8s.io/v1. A kind is a file, with
// its rules in files beside it. Callers: kinds/builtin. Pure, like all of kinds.
package flowcontrol

import "github.com/nave-k8s/nave/kinds"

const group, version, groupVersion = "flowcontrol.apiserver.k8s.io", "v1", "flowcontrol.apiserver.k8s.io/v1"

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		flowSchema(),
		priorityLevel(),
	}
}
