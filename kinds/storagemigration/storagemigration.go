// Package storagemigration makes the kinds of storagemigration.k8s.io/v1. A kind is a file, with
// its rules in files beside it. Callers: kinds/builtin. Pure, like all of kinds.
package storagemigration

import "github.com/nave-k8s/nave/kinds"

const group, version, groupVersion = "storagemigration.k8s.io", "v1", "storagemigration.k8s.io/v1"

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		storageVersionMigration(),
	}
}
