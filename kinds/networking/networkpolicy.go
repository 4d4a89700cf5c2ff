package networking

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func networkPolicy() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "NetworkPolicy",
		Plural: "networkpolicies", Singular: "networkpolicy", ShortNames: []string{"netpol"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &networkingv1.NetworkPolicy{} },
		NewList: func() runtime.Object { return &networkingv1.NetworkPolicyList{} },
		Storage: kinds.Storage{Key: "networkpolicies", APIVersion: groupVersion},
		Rules: kinds.For[*networkingv1.NetworkPolicy]{
			Default:       defaultNetworkPolicy,
			PrepareCreate: func(_ kinds.Input, obj *networkingv1.NetworkPolicy) { obj.Generation = 1 },
			PrepareUpdate: func(_ kinds.Input, obj, old *networkingv1.NetworkPolicy) {
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			Validate:       validateNetworkPolicyCreate,
			ValidateUpdate: validateNetworkPolicyUpdate,
			Warn:           warnNetworkPolicy,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Pod-Selector", Type: "string", Description: networkingv1.NetworkPolicySpec{}.SwaggerDoc()["podSelector"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*networkingv1.NetworkPolicy)
				return []any{obj.Name, metav1.FormatLabelSelector(&obj.Spec.PodSelector), cells.Age(obj.CreationTimestamp, now)}
			},
		},
	}
}

func defaultNetworkPolicy(obj *networkingv1.NetworkPolicy) {
	for i := range obj.Spec.Ingress {
		defaultPorts(obj.Spec.Ingress[i].Ports)
	}
	for i := range obj.Spec.Egress {
		defaultPorts(obj.Spec.Egress[i].Ports)
	}
	if len(obj.Spec.PolicyTypes) == 0 {
		obj.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
		if len(obj.Spec.Egress) != 0 {
			obj.Spec.PolicyTypes = append(obj.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		}
	}
}

func defaultPorts(ports []networkingv1.NetworkPolicyPort) {
	for i := range ports {
		if ports[i].Protocol == nil {
			tcp := corev1.ProtocolTCP
			ports[i].Protocol = &tcp
		}
	}
}
