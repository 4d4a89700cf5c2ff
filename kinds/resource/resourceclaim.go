package resource

import (
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func resourceClaim() *kinds.Resource {
	status := kinds.For[*resourcev1.ResourceClaim]{
		PrepareUpdate: func(_ kinds.Input, obj, old *resourcev1.ResourceClaim) {
			obj.Spec = old.Spec
		},
		ResetFields: []string{"spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ResourceClaim",
		Plural: "resourceclaims", Singular: "resourceclaim",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &resourcev1.ResourceClaim{} },
		NewList: func() runtime.Object { return &resourcev1.ResourceClaimList{} },
		Storage: kinds.Storage{Key: "resourceclaims", APIVersion: groupVersion},
		Rules: kinds.For[*resourcev1.ResourceClaim]{
			PrepareCreate: func(_ kinds.Input, obj *resourcev1.ResourceClaim) {
				obj.Status = resourcev1.ResourceClaimStatus{}
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *resourcev1.ResourceClaim) {
				obj.Status = old.Status
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "State", Type: "string", Description: "A summary of the current state (allocated, pending, reserved, etc.)."},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*resourcev1.ResourceClaim)
				return []any{obj.Name, claimState(obj), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Delete:       kinds.Deletion{ReturnsObject: true},
		Subresources: []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
