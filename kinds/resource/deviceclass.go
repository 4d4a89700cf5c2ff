package resource

import (
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func deviceClass() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "DeviceClass",
		Plural: "deviceclasses", Singular: "deviceclass",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &resourcev1.DeviceClass{} },
		NewList: func() runtime.Object { return &resourcev1.DeviceClassList{} },
		Storage: kinds.Storage{Key: "deviceclasses", APIVersion: groupVersion},
		Rules: kinds.For[*resourcev1.DeviceClass]{
			PrepareCreate: func(_ kinds.Input, obj *resourcev1.DeviceClass) {
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *resourcev1.DeviceClass) {
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			ValidateName: anyName,
			Validate: func(_ kinds.Input, obj *resourcev1.DeviceClass) field.ErrorList {
				return validateNewClass(obj)
			},
			ValidateUpdate: func(_ kinds.Input, obj, old *resourcev1.DeviceClass) field.ErrorList {
				return validateClassUpdate(obj, old)
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*resourcev1.DeviceClass)
				return []any{obj.Name, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Delete: kinds.Deletion{ReturnsObject: true},
	}
}
