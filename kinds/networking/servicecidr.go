package networking

import (
	"strings"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func serviceCIDR() *kinds.Resource {
	status := kinds.For[*networkingv1.ServiceCIDR]{
		PrepareUpdate: func(_ kinds.Input, obj, old *networkingv1.ServiceCIDR) { obj.Spec = old.Spec },
		ResetFields:   []string{"spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ServiceCIDR",
		Plural: "servicecidrs", Singular: "servicecidr",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &networkingv1.ServiceCIDR{} },
		NewList: func() runtime.Object { return &networkingv1.ServiceCIDRList{} },
		Storage: kinds.Storage{Key: "servicecidrs", APIVersion: groupVersion},
		Rules: kinds.For[*networkingv1.ServiceCIDR]{
			PrepareCreate:  func(_ kinds.Input, obj *networkingv1.ServiceCIDR) { obj.Status = networkingv1.ServiceCIDRStatus{} },
			PrepareUpdate:  func(_ kinds.Input, obj, old *networkingv1.ServiceCIDR) { obj.Status = old.Status },
			Validate:       validateServiceCIDR,
			ValidateUpdate: validateServiceCIDRUpdate,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "CIDRs", Type: "string", Description: networkingv1.ServiceCIDRSpec{}.SwaggerDoc()["cidrs"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*networkingv1.ServiceCIDR)
				return []any{obj.Name, strings.Join(obj.Spec.CIDRs, ","), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Subresources: []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
