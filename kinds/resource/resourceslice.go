package resource

import (
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func resourceSlice() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ResourceSlice",
		Plural: "resourceslices", Singular: "resourceslice",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &resourcev1.ResourceSlice{} },
		NewList: func() runtime.Object { return &resourcev1.ResourceSliceList{} },
		Storage: kinds.Storage{Key: "resourceslices", APIVersion: groupVersion},
		Rules: kinds.For[*resourcev1.ResourceSlice]{
			PrepareCreate: func(in kinds.Input, obj *resourcev1.ResourceSlice) {
				prepareSlice(&obj.Spec, in)
				obj.Generation = 1
			},
			PrepareUpdate: func(in kinds.Input, obj, old *resourcev1.ResourceSlice) {
				prepareSlice(&obj.Spec, in)
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			Validate: func(_ kinds.Input, obj *resourcev1.ResourceSlice) field.ErrorList {
				return validateResourceSlice(&obj.Spec, nil, operation.Create)
			},
			ValidateUpdate: func(_ kinds.Input, obj, old *resourcev1.ResourceSlice) field.ErrorList {
				return validateResourceSlice(&obj.Spec, &old.Spec, operation.Update)
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Node", Type: "string", Description: resourcev1.ResourceSliceSpec{}.SwaggerDoc()["nodeName"]},
				kinds.Column{Name: "Driver", Type: "string", Description: resourcev1.ResourceSliceSpec{}.SwaggerDoc()["driver"]},
				kinds.Column{Name: "Pool", Type: "string", Description: resourcev1.ResourcePool{}.SwaggerDoc()["name"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*resourcev1.ResourceSlice)
				return []any{obj.Name, deref(obj.Spec.NodeName), obj.Spec.Driver, obj.Spec.Pool.Name, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Fields: kinds.Fields{
			Names: []string{"spec.nodeName", "spec.driver", "spec.pool.name"}, NoNamespace: true,
			Values: func(o kinds.Object) fields.Set {
				obj := o.(*resourcev1.ResourceSlice)
				return fields.Set{"spec.nodeName": deref(obj.Spec.NodeName), "spec.driver": obj.Spec.Driver, "spec.pool.name": obj.Spec.Pool.Name}
			},
			Refuse: func(label string) string {
				return "field label not supported for " + groupVersion + ", Kind=ResourceSlice: " + label
			},
		},
		Delete: kinds.Deletion{ReturnsObject: true},
	}
}
