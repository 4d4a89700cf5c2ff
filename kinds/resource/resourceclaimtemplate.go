package resource

import (
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func resourceClaimTemplate() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ResourceClaimTemplate",
		Plural: "resourceclaimtemplates", Singular: "resourceclaimtemplate",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &resourcev1.ResourceClaimTemplate{} },
		NewList: func() runtime.Object { return &resourcev1.ResourceClaimTemplateList{} },
		Storage: kinds.Storage{Key: "resourceclaimtemplates", APIVersion: groupVersion},
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*resourcev1.ResourceClaimTemplate)
				return []any{obj.Name, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Delete: kinds.Deletion{ReturnsObject: true},
	}
}
