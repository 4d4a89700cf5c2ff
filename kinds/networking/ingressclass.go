package networking

import (
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func ingressClass() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "IngressClass",
		Plural: "ingressclasses", Singular: "ingressclass",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &networkingv1.IngressClass{} },
		NewList: func() runtime.Object { return &networkingv1.IngressClassList{} },
		Storage: kinds.Storage{Key: "ingressclasses", APIVersion: groupVersion},
		Rules: kinds.For[*networkingv1.IngressClass]{
			Default: func(obj *networkingv1.IngressClass) {
				if p := obj.Spec.Parameters; p != nil && p.Scope == nil {
					scope := networkingv1.IngressClassParametersReferenceScopeCluster
					p.Scope = &scope
				}
			},
			PrepareCreate: func(_ kinds.Input, obj *networkingv1.IngressClass) { obj.Generation = 1 },
			PrepareUpdate: func(_ kinds.Input, obj, old *networkingv1.IngressClass) {
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			Validate:       validateIngressClass,
			ValidateUpdate: validateIngressClassUpdate,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Controller", Type: "string", Description: "Controller that is responsible for handling this class"},
				kinds.Column{Name: "Parameters", Type: "string", Description: "A reference to a resource with additional parameters"},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*networkingv1.IngressClass)
				name := obj.Name
				if obj.Annotations[networkingv1.AnnotationIsDefaultIngressClass] == "true" {
					name += " (default)"
				}
				parameters := "<none>"
				if p := obj.Spec.Parameters; p != nil {
					parameters = p.Kind
					if p.APIGroup != nil {
						parameters += "." + *p.APIGroup
					}
					parameters += "/" + p.Name
				}
				return []any{name, obj.Spec.Controller, parameters, cells.Age(obj.CreationTimestamp, now)}
			},
		},
	}
}
