package scheduling

import (
	"time"

	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func priorityClass() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "PriorityClass",
		Plural: "priorityclasses", Singular: "priorityclass", ShortNames: []string{"pc"},
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &schedulingv1.PriorityClass{} },
		NewList: func() runtime.Object { return &schedulingv1.PriorityClassList{} },
		Storage: kinds.Storage{Key: "priorityclasses", APIVersion: groupVersion},
		Rules: kinds.For[*schedulingv1.PriorityClass]{
			Default:        defaultPriorityClass,
			PrepareCreate:  func(_ kinds.Input, obj *schedulingv1.PriorityClass) { obj.Generation = 1 },
			PrepareUpdate:  func(_ kinds.Input, obj, old *schedulingv1.PriorityClass) { obj.Generation = old.Generation },
			Validate:       validatePriorityClass,
			ValidateUpdate: validatePriorityClassUpdate,
		}.Rules(),
		Delete: kinds.Deletion{ValidateDelete: keepSystemClasses},
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Value", Type: "integer", Description: schedulingv1.PriorityClass{}.SwaggerDoc()["value"]},
				kinds.Column{Name: "Global-Default", Type: "boolean", Description: schedulingv1.PriorityClass{}.SwaggerDoc()["globalDefault"]},
				cells.AgeColumn,
				kinds.Column{Name: "PreemptionPolicy", Type: "string", Description: schedulingv1.PriorityClass{}.SwaggerDoc()["preemptionPolicy"]},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*schedulingv1.PriorityClass)
				policy := ""
				if obj.PreemptionPolicy != nil {
					policy = string(*obj.PreemptionPolicy)
				}
				return []any{obj.Name, int64(obj.Value), obj.GlobalDefault, cells.Age(obj.CreationTimestamp, now), policy}
			},
		},
	}
}
