package core

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

// componentStatus is not stored: a handler of the server asks the components how they are.
func componentStatus() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "ComponentStatus",
		Plural: "componentstatuses", Singular: "componentstatus", ShortNames: []string{"cs"},
		Verbs:      []string{"get", "list"},
		Deprecated: "v1 ComponentStatus is deprecated in v1.19+",
		New:        func() runtime.Object { return &corev1.ComponentStatus{} },
		NewList:    func() runtime.Object { return &corev1.ComponentStatusList{} },
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Status", Type: "string", Description: "Status of the component conditions"},
				kinds.Column{Name: "Message", Type: "string", Description: "Message of the component conditions"},
				kinds.Column{Name: "Error", Type: "string", Description: "Error of the component conditions"},
			),
			Cells: func(obj kinds.Object, _ time.Time) []any {
				cs := obj.(*corev1.ComponentStatus)
				state, message, trouble := "Unknown", "", ""
				for _, c := range cs.Conditions {
					if c.Type != corev1.ComponentHealthy {
						continue
					}
					if state = "Unhealthy"; c.Status == corev1.ConditionTrue {
						state = "Healthy"
					}
					message, trouble = c.Message, c.Error
				}
				return []any{cs.Name, state, message, trouble}
			},
		},
	}
}
