// Package storage makes the kinds of storage.k8s.io/v1. A kind is a file, with
// its rules in files beside it. Callers: kinds/builtin. Pure, like all of kinds.
package storage

import "github.com/nave-k8s/nave/kinds"

const group, version, groupVersion = "storage.k8s.io", "v1", "storage.k8s.io/v1"

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		csiDriver(),
		csiNode(),
		csiStorageCapacity(),
		storageClass(),
		volumeAttachment(),
		volumeAttributesClass(),
	}
}
