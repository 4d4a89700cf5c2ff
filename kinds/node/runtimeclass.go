package node

import (
	"time"

	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func runtimeClass() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "RuntimeClass",
		Plural: "runtimeclasses", Singular: "runtimeclass",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &nodev1.RuntimeClass{} },
		NewList: func() runtime.Object { return &nodev1.RuntimeClassList{} },
		Storage: kinds.Storage{Key: "runtimeclasses", APIVersion: groupVersion},
		Rules: kinds.For[*nodev1.RuntimeClass]{
			Validate:       validateRuntimeClass,
			ValidateUpdate: validateRuntimeClassUpdate,
			Warn:           warnRuntimeClass,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Handler", Type: "string"},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*nodev1.RuntimeClass)
				return []any{obj.Name, obj.Handler, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		CreateOnUpdate:         true,
		RequireVersionOnUpdate: true,
	}
}
