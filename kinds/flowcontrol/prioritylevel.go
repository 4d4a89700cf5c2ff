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

func priorityLevel() *kinds.Resource {
	status := kinds.For[*flowcontrolv1.PriorityLevelConfiguration]{
		PrepareUpdate: func(_ kinds.Input, obj, old *flowcontrolv1.PriorityLevelConfiguration) {
			obj.Spec = old.Spec
			metav1.ResetObjectMetaForStatus(obj, old)
		},
		ValidateUpdate: func(_ kinds.Input, obj, _ *flowcontrolv1.PriorityLevelConfiguration) field.ErrorList {
			return validatePriorityLevelStatus(obj)
		},
		ResetFields: []string{"metadata", "spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "PriorityLevelConfiguration",
		Plural: "prioritylevelconfigurations", Singular: "prioritylevelconfiguration",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &flowcontrolv1.PriorityLevelConfiguration{} },
		NewList: func() runtime.Object { return &flowcontrolv1.PriorityLevelConfigurationList{} },
		Storage: kinds.Storage{Key: "prioritylevelconfigurations", APIVersion: groupVersion},
		Rules: kinds.For[*flowcontrolv1.PriorityLevelConfiguration]{
			PrepareCreate: func(_ kinds.Input, obj *flowcontrolv1.PriorityLevelConfiguration) {
				obj.Status = flowcontrolv1.PriorityLevelConfigurationStatus{}
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *flowcontrolv1.PriorityLevelConfiguration) {
				obj.Status = old.Status
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			Default:  defaultPriorityLevel,
			Validate: validatePriorityLevel,
			ValidateUpdate: func(in kinds.Input, obj, _ *flowcontrolv1.PriorityLevelConfiguration) field.ErrorList {
				return validatePriorityLevel(in, obj)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Type", Type: "string", Description: flowcontrolv1.PriorityLevelConfigurationSpec{}.SwaggerDoc()["type"]},
				kinds.Column{Name: "NominalConcurrencyShares", Type: "string", Description: flowcontrolv1.LimitedPriorityLevelConfiguration{}.SwaggerDoc()["nominalConcurrencyShares"]},
				kinds.Column{Name: "Queues", Type: "string", Description: flowcontrolv1.QueuingConfiguration{}.SwaggerDoc()["queues"]},
				kinds.Column{Name: "HandSize", Type: "string", Description: flowcontrolv1.QueuingConfiguration{}.SwaggerDoc()["handSize"]},
				kinds.Column{Name: "QueueLengthLimit", Type: "string", Description: flowcontrolv1.QueuingConfiguration{}.SwaggerDoc()["queueLengthLimit"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*flowcontrolv1.PriorityLevelConfiguration)
				return priorityLevelCells(obj, now)
			},
		},
		Subresources: []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
