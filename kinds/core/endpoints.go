package core

import (
	"net"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func endpoints() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "Endpoints",
		Plural: "endpoints", Singular: "endpoints", ShortNames: []string{"ep"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		Deprecated: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
		New:        func() runtime.Object { return &corev1.Endpoints{} },
		NewList:    func() runtime.Object { return &corev1.EndpointsList{} },
		Storage:    kinds.Storage{Key: "services/endpoints", APIVersion: "v1"},
		Rules: kinds.For[*corev1.Endpoints]{
			Default: func(obj *corev1.Endpoints) {
				for i := range obj.Subsets {
					for j := range obj.Subsets[i].Ports {
						if p := &obj.Subsets[i].Ports[j]; p.Protocol == "" {
							p.Protocol = corev1.ProtocolTCP
						}
					}
				}
			},
			Validate: func(_ kinds.Input, obj *corev1.Endpoints) field.ErrorList { return validateSubsets(obj.Subsets) },
			ValidateUpdate: func(_ kinds.Input, obj, old *corev1.Endpoints) field.ErrorList {
				errs := validateSubsets(obj.Subsets)
				if len(errs) > 0 && equality.Semantic.DeepEqual(obj.Subsets, old.Subsets) {
					return nil // accepted when the rules were other ones
				}
				return errs
			},
			Warn: func(obj, _ *corev1.Endpoints) []string { return warnSubsets(obj.Subsets) },
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Endpoints", Type: "string", Description: corev1.Endpoints{}.SwaggerDoc()["subsets"]},
				cells.AgeColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				e := obj.(*corev1.Endpoints)
				return []any{e.Name, endpointsCell(e.Subsets), cells.Age(e.CreationTimestamp, now)}
			},
		},
		CreateOnUpdate: true,
	}
}

// endpointsCell shows the first ready addresses, with each port; those without ports stand alone.
func endpointsCell(subsets []corev1.EndpointSubset) string {
	if len(subsets) == 0 {
		return cells.None
	}
	var list cells.Few
	for i := range subsets {
		s := &subsets[i]
		if len(s.Ports) == 0 {
			for _, a := range s.Addresses {
				list.Add(a.IP)
			}
		}
		for _, p := range s.Ports {
			for _, a := range s.Addresses {
				list.Add(net.JoinHostPort(a.IP, strconv.Itoa(int(p.Port))))
			}
		}
	}
	return list.String()
}
