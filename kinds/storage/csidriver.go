package storage

import (
	"time"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func csiDriver() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "CSIDriver",
		Plural: "csidrivers", Singular: "csidriver",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &storagev1.CSIDriver{} },
		NewList: func() runtime.Object { return &storagev1.CSIDriverList{} },
		Storage: kinds.Storage{Key: "csidrivers", APIVersion: groupVersion},
		Rules: kinds.For[*storagev1.CSIDriver]{
			Default: defaultCSIDriver,
			// A driver has no generation until its spec changes for the first time.
			PrepareUpdate: func(_ kinds.Input, obj, old *storagev1.CSIDriver) {
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			Validate:       validateCSIDriver,
			ValidateUpdate: validateCSIDriverUpdate,
			Warn:           warnCSIDriver,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "AttachRequired", Type: "boolean", Description: storagev1.CSIDriverSpec{}.SwaggerDoc()["attachRequired"]},
				kinds.Column{Name: "PodInfoOnMount", Type: "boolean", Description: storagev1.CSIDriverSpec{}.SwaggerDoc()["podInfoOnMount"]},
				kinds.Column{Name: "StorageCapacity", Type: "boolean", Description: storagev1.CSIDriverSpec{}.SwaggerDoc()["storageCapacity"]},
				kinds.Column{Name: "TokenRequests", Type: "string", Description: storagev1.CSIDriverSpec{}.SwaggerDoc()["tokenRequests"]},
				kinds.Column{Name: "RequiresRepublish", Type: "boolean", Description: storagev1.CSIDriverSpec{}.SwaggerDoc()["requiresRepublish"]},
				kinds.Column{Name: "Modes", Type: "string", Description: storagev1.CSIDriverSpec{}.SwaggerDoc()["volumeLifecycleModes"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*storagev1.CSIDriver)
				return csiDriverCells(obj, now)
			},
		},
		Delete:                 kinds.Deletion{ReturnsObject: true},
		RequireVersionOnUpdate: true,
	}
}
