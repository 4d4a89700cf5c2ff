// Package discovery makes the kinds of the API group discovery.k8s.io. Callers: kinds/builtin.
package discovery

import (
	"maps"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

// All returns the group's resources in discovery order.
func All() []*kinds.Resource { return []*kinds.Resource{endpointSlice()} }

func endpointSlice() *kinds.Resource {
	doc := discoveryv1.EndpointSlice{}.SwaggerDoc()
	return &kinds.Resource{
		Group: "discovery.k8s.io", Version: "v1", Kind: "EndpointSlice",
		Plural: "endpointslices", Singular: "endpointslice",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &discoveryv1.EndpointSlice{} },
		NewList: func() runtime.Object { return &discoveryv1.EndpointSliceList{} },
		Storage: kinds.Storage{Key: "endpointslices", APIVersion: "discovery.k8s.io/v1"},
		Rules: kinds.For[*discoveryv1.EndpointSlice]{
			Default: setDefaults,
			PrepareCreate: func(_ kinds.Input, obj *discoveryv1.EndpointSlice) {
				obj.Generation = 1
				dropTopology(obj)
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *discoveryv1.EndpointSlice) {
				if changed(obj, old) {
					obj.Generation = old.Generation + 1
				}
				dropTopology(obj)
			},
			Validate: func(_ kinds.Input, obj *discoveryv1.EndpointSlice) field.ErrorList { return validate(obj, nil) },
			ValidateUpdate: func(_ kinds.Input, obj, old *discoveryv1.EndpointSlice) field.ErrorList {
				return validate(obj, old)
			},
			Warn: warn,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "AddressType", Type: "string", Description: doc["addressType"]},
				kinds.Column{Name: "Ports", Type: "string", Description: doc["ports"]},
				kinds.Column{Name: "Endpoints", Type: "string", Description: doc["endpoints"]},
				cells.AgeColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				s := obj.(*discoveryv1.EndpointSlice)
				return []any{s.Name, string(s.AddressType), portsCell(s.Ports), endpointsCell(s.Endpoints), cells.Age(s.CreationTimestamp, now)}
			},
		},
	}
}

func setDefaults(obj *discoveryv1.EndpointSlice) {
	for i := range obj.Ports {
		p := &obj.Ports[i]
		if p.Name == nil {
			p.Name = new(string)
		}
		if p.Protocol == nil {
			tcp := corev1.ProtocolTCP
			p.Protocol = &tcp
		}
	}
}

// dropTopology drops a field that v1 has for reading what older versions wrote. Their zone is a field now.
func dropTopology(obj *discoveryv1.EndpointSlice) {
	for i := range obj.Endpoints {
		obj.Endpoints[i].DeprecatedTopology = nil
	}
}

// changed reports whether anything but metadata has changed; labels, which say of what service the slice
// is, count.
func changed(obj, old *discoveryv1.EndpointSlice) bool {
	return obj.AddressType != old.AddressType ||
		!equality.Semantic.DeepEqual(obj.Endpoints, old.Endpoints) ||
		!equality.Semantic.DeepEqual(obj.Ports, old.Ports) ||
		!maps.Equal(obj.Labels, old.Labels)
}

func warn(obj, old *discoveryv1.EndpointSlice) []string {
	var out []string
	switch obj.AddressType {
	case discoveryv1.AddressTypeFQDN:
		if old == nil {
			out = append(out, "spec.addressType: FQDN endpoints are deprecated")
		}
	case discoveryv1.AddressTypeIPv4, discoveryv1.AddressTypeIPv6:
		for i := range obj.Endpoints {
			for j, ip := range obj.Endpoints[i].Addresses {
				out = append(out, validation.GetWarningsForIP(field.NewPath("endpoints").Index(i).Child("addresses").Index(j), ip)...)
			}
		}
	}
	return out
}

func portsCell(ports []discoveryv1.EndpointPort) string {
	var list cells.Few
	for _, p := range ports {
		switch {
		case p.Port != nil:
			list.Add(strconv.Itoa(int(*p.Port)))
		case p.Name != nil:
			list.Add(*p.Name)
		default:
			list.Add("*")
		}
	}
	return cells.Or(list.String(), cells.Unset)
}

func endpointsCell(endpoints []discoveryv1.Endpoint) string {
	var list cells.Few
	for i := range endpoints {
		for _, a := range endpoints[i].Addresses {
			list.Add(a)
		}
	}
	return cells.Or(list.String(), cells.Unset)
}
