package flowcontrol

import (
	"time"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func flowSchema() *kinds.Resource {
	status := kinds.For[*flowcontrolv1.FlowSchema]{
		PrepareUpdate: func(_ kinds.Input, obj, old *flowcontrolv1.FlowSchema) {
			obj.Spec = old.Spec
			metav1.ResetObjectMetaForStatus(obj, old)
		},
		ValidateUpdate: func(_ kinds.Input, obj, _ *flowcontrolv1.FlowSchema) field.ErrorList {
			return validateFlowSchemaStatus(obj)
		},
		ResetFields: []string{"metadata", "spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "FlowSchema",
		Plural: "flowschemas", Singular: "flowschema",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &flowcontrolv1.FlowSchema{} },
		NewList: func() runtime.Object { return &flowcontrolv1.FlowSchemaList{} },
		Storage: kinds.Storage{Key: "flowschemas", APIVersion: groupVersion},
		Rules: kinds.For[*flowcontrolv1.FlowSchema]{
			PrepareCreate: func(_ kinds.Input, obj *flowcontrolv1.FlowSchema) {
				obj.Status = flowcontrolv1.FlowSchemaStatus{}
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *flowcontrolv1.FlowSchema) {
				obj.Status = old.Status
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			Default:  defaultFlowSchema,
			Validate: validateFlowSchema,
			ValidateUpdate: func(in kinds.Input, obj, _ *flowcontrolv1.FlowSchema) field.ErrorList {
				return validateFlowSchema(in, obj)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "PriorityLevel", Type: "string", Description: flowcontrolv1.PriorityLevelConfigurationReference{}.SwaggerDoc()["name"]},
				kinds.Column{Name: "MatchingPrecedence", Type: "string", Description: flowcontrolv1.FlowSchemaSpec{}.SwaggerDoc()["matchingPrecedence"]},
				kinds.Column{Name: "DistinguisherMethod", Type: "string", Description: flowcontrolv1.FlowSchemaSpec{}.SwaggerDoc()["distinguisherMethod"]},
				cells.AgeColumn,
				kinds.Column{Name: "MissingPL", Type: "string", Description: "references a broken or non-existent PriorityLevelConfiguration"},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*flowcontrolv1.FlowSchema)
				return flowSchemaCells(obj, now)
			},
			Together: flowSchemaRows,
		},
		Subresources: []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
