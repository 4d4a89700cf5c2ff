package networking

import (
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func ipAddress() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "IPAddress",
		Plural: "ipaddresses", Singular: "ipaddress", ShortNames: []string{"ip"},
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &networkingv1.IPAddress{} },
		NewList: func() runtime.Object { return &networkingv1.IPAddressList{} },
		Storage: kinds.Storage{Key: "ipaddresses", APIVersion: groupVersion},
		// An address with something added is none.
		GenerateName: func(prefix string) string { return prefix },
		Rules: kinds.For[*networkingv1.IPAddress]{
			ValidateName:   validateIPAddressName,
			Validate:       validateIPAddress,
			ValidateUpdate: validateIPAddressUpdate,
		}.Rules(),
		Table: kinds.Table{
			// Upstream defines two columns and prints three cells; clients see both, so it is kept.
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "ParentRef", Type: "string", Description: networkingv1.IPAddressSpec{}.SwaggerDoc()["parentRef"]},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*networkingv1.IPAddress)
				return []any{obj.Name, parentRef(obj.Spec.ParentRef), cells.Age(obj.CreationTimestamp, now)}
			},
		},
	}
}

func parentRef(ref *networkingv1.ParentReference) string {
	if ref == nil {
		return "<none>"
	}
	s := ref.Resource
	if ref.Group != "" {
		s += "." + ref.Group
	}
	if ref.Namespace != "" {
		s += "/" + ref.Namespace
	}
	return s + "/" + ref.Name
}
