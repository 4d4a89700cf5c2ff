package storage

import (
	"time"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func volumeAttributesClass() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "VolumeAttributesClass",
		Plural: "volumeattributesclasses", Singular: "volumeattributesclass", ShortNames: []string{"vac"},
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &storagev1.VolumeAttributesClass{} },
		NewList: func() runtime.Object { return &storagev1.VolumeAttributesClassList{} },
		Storage: kinds.Storage{Key: "volumeattributesclasses", APIVersion: groupVersion},
		Rules: kinds.For[*storagev1.VolumeAttributesClass]{
			Validate:       validateVolumeAttributesClass,
			ValidateUpdate: validateVolumeAttributesClassUpdate,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "DriverName", Type: "string", Description: storagev1.VolumeAttributesClass{}.SwaggerDoc()["driverName"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*storagev1.VolumeAttributesClass)
				return []any{obj.Name, obj.DriverName, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Delete: kinds.Deletion{ReturnsObject: true},
	}
}
