package storage

import (
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

func csiStorageCapacity() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "CSIStorageCapacity",
		Plural: "csistoragecapacities", Singular: "csistoragecapacity",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &storagev1.CSIStorageCapacity{} },
		NewList: func() runtime.Object { return &storagev1.CSIStorageCapacityList{} },
		Storage: kinds.Storage{Key: "csistoragecapacities", APIVersion: groupVersion},
		Rules: kinds.For[*storagev1.CSIStorageCapacity]{
			Validate:       validateCSIStorageCapacity,
			ValidateUpdate: validateCSIStorageCapacityUpdate,
			Warn:           warnCSIStorageCapacity,
		}.Rules(),
		RequireVersionOnUpdate: true,
	}
}
