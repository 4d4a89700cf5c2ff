// Package rbac makes the kinds of rbac.authorization.k8s.io/v1. A kind is a file, with
// its rules in files beside it. Callers: kinds/builtin. Pure, like all of kinds.
package rbac

import "github.com/nave-k8s/nave/kinds"

const group, version, groupVersion = "rbac.authorization.k8s.io", "v1", "rbac.authorization.k8s.io/v1"

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		clusterRoleBinding(),
		clusterRole(),
		roleBinding(),
		role(),
	}
}
