package storage

import (
	"time"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func storageClass() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "StorageClass",
		Plural: "storageclasses", Singular: "storageclass", ShortNames: []string{"sc"},
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &storagev1.StorageClass{} },
		NewList: func() runtime.Object { return &storagev1.StorageClassList{} },
		Storage: kinds.Storage{Key: "storageclasses", APIVersion: groupVersion},
		Rules: kinds.For[*storagev1.StorageClass]{
			Default:        defaultStorageClass,
			Validate:       validateStorageClass,
			ValidateUpdate: validateStorageClassUpdate,
			Warn:           warnStorageClass,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Provisioner", Type: "string", Description: storagev1.StorageClass{}.SwaggerDoc()["provisioner"]},
				kinds.Column{Name: "ReclaimPolicy", Type: "string", Description: storagev1.StorageClass{}.SwaggerDoc()["reclaimPolicy"]},
				kinds.Column{Name: "VolumeBindingMode", Type: "string", Description: storagev1.StorageClass{}.SwaggerDoc()["volumeBindingMode"]},
				kinds.Column{Name: "AllowVolumeExpansion", Type: "string", Description: storagev1.StorageClass{}.SwaggerDoc()["allowVolumeExpansion"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*storagev1.StorageClass)
				return storageClassCells(obj, now)
			},
			Together: storageClassRows,
		},
		Delete: kinds.Deletion{ReturnsObject: true},
	}
}
