package resource

import (
	"context"
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func deviceTaintRule() *kinds.Resource {
	status := kinds.For[*resourcev1.DeviceTaintRule]{
		PrepareUpdate: func(_ kinds.Input, obj, old *resourcev1.DeviceTaintRule) {
			obj.Spec = old.Spec
			metav1.ResetObjectMetaForStatus(obj, old)
		},
		ValidateUpdate: func(_ kinds.Input, obj, old *resourcev1.DeviceTaintRule) field.ErrorList {
			path := field.NewPath("status")
			errs := validateTaintRuleStatus(&obj.Status, path)
			return append(errs, declared(operation.Update, func(ctx context.Context, op operation.Operation) field.ErrorList {
				return resourcev1.Validate_DeviceTaintRuleStatus(ctx, op, path, &obj.Status, &old.Status)
			})...)
		},
		ResetFields: []string{"metadata", "spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "DeviceTaintRule",
		Plural: "devicetaintrules", Singular: "devicetaintrule",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &resourcev1.DeviceTaintRule{} },
		NewList: func() runtime.Object { return &resourcev1.DeviceTaintRuleList{} },
		Storage: kinds.Storage{Key: "devicetaintrules", APIVersion: "resource.k8s.io/v1beta2"},
		Rules: kinds.For[*resourcev1.DeviceTaintRule]{
			PrepareCreate: func(in kinds.Input, obj *resourcev1.DeviceTaintRule) {
				stampTaint(&obj.Spec.Taint, in.Now)
				obj.Status = resourcev1.DeviceTaintRuleStatus{}
				obj.Generation = 1
			},
			PrepareUpdate: func(in kinds.Input, obj, old *resourcev1.DeviceTaintRule) {
				restampTaint(&obj.Spec.Taint, &old.Spec.Taint, in.Now)
				obj.Status = old.Status
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			Validate: func(_ kinds.Input, obj *resourcev1.DeviceTaintRule) field.ErrorList {
				return validateRule(&obj.Spec, nil, operation.Create)
			},
			ValidateUpdate: func(_ kinds.Input, obj, old *resourcev1.DeviceTaintRule) field.ErrorList {
				return validateRule(&obj.Spec, &old.Spec, operation.Update)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Key", Type: "string", Description: resourcev1.DeviceTaint{}.SwaggerDoc()["key"]},
				kinds.Column{Name: "Value", Type: "string", Description: resourcev1.DeviceTaint{}.SwaggerDoc()["value"]},
				kinds.Column{Name: "Effect", Type: "string", Description: resourcev1.DeviceTaint{}.SwaggerDoc()["effect"]},
				kinds.Column{Name: "TimeAdded", Type: "string", Description: resourcev1.DeviceTaint{}.SwaggerDoc()["timeAdded"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*resourcev1.DeviceTaintRule)
				added := "<unknown>"
				if obj.Spec.Taint.TimeAdded != nil {
					added = cells.Age(*obj.Spec.Taint.TimeAdded, now)
				}
				return []any{obj.Name, obj.Spec.Taint.Key, obj.Spec.Taint.Value, string(obj.Spec.Taint.Effect), added, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		RequireVersionOnUpdate: true,
		Subresources:           []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
