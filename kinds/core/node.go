package core

import (
	"maps"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/quantity"
)

func node() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "Node",
		Plural: "nodes", Singular: "node", ShortNames: []string{"no"},
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.Node{} },
		NewList: func() runtime.Object { return &corev1.NodeList{} },
		Storage: kinds.Storage{Key: "minions", APIVersion: "v1"},
		Rules: kinds.For[*corev1.Node]{
			Default: defaultNode,
			PrepareCreate: func(_ kinds.Input, obj *corev1.Node) {
				obj.Spec.ConfigSource = nil
				obj.Spec.PodPreemptionPolicy = nil // InPlacePodVerticalScalingSchedulerPreemption is off
				obj.Status.Config = nil
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *corev1.Node) {
				obj.Status = old.Status
				if old.Spec.ConfigSource == nil {
					obj.Spec.ConfigSource = nil
				}
				if old.Spec.PodPreemptionPolicy == nil {
					obj.Spec.PodPreemptionPolicy = nil
				}
			},
			Validate:       validateNode,
			ValidateUpdate: validateNodeUpdate,
			Warn:           warnNode,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: nodeTable(),
		Fields: kinds.Fields{
			Names: []string{"spec.unschedulable"}, NoNamespace: true, Refuse: kinds.RefuseUnsupported,
			Values: func(obj kinds.Object) fields.Set {
				return fields.Set{"spec.unschedulable": strconv.FormatBool(obj.(*corev1.Node).Spec.Unschedulable)}
			},
		},
		Subresources: []*kinds.Subresource{
			{Name: "proxy", Verbs: proxyVerbs, Kind: nodeProxyOptionsKind, Handler: true},
			nodeStatus(),
		},
	}
}

func nodeStatus() *kinds.Subresource {
	part := kinds.For[*corev1.Node]{
		PrepareUpdate: func(_ kinds.Input, obj, old *corev1.Node) {
			obj.Spec = old.Spec
			if old.Status.Config == nil {
				obj.Status.Config = nil
			}
		},
		ValidateUpdate: validateNodeUpdate,
		ResetFields:    []string{"spec"},
	}.Rules()
	return &kinds.Subresource{Name: "status", Verbs: statusVerbs, Part: &part}
}

func defaultNode(obj *corev1.Node) {
	if obj.Status.Allocatable == nil && obj.Status.Capacity != nil {
		obj.Status.Allocatable = maps.Clone(obj.Status.Capacity)
	}
	quantity.RoundUp(obj.Status.Capacity)
	quantity.RoundUp(obj.Status.Allocatable)

	// podCIDR is podCIDRs[0] for clients from before dual stack: who sets one sets the other.
	spec := &obj.Spec
	if spec.PodCIDR != "" && (len(spec.PodCIDRs) == 0 || spec.PodCIDRs[0] != spec.PodCIDR) {
		spec.PodCIDRs = []string{spec.PodCIDR}
	}
	if spec.PodCIDR == "" && len(spec.PodCIDRs) > 0 {
		spec.PodCIDR = spec.PodCIDRs[0]
	}
}

// warnNode speaks of every write of a node, though not of its status, which its kubelet reports again and
// again.
func warnNode(obj, _ *corev1.Node) []string {
	var out []string
	if obj.Spec.DoNotUseExternalID != "" {
		out = append(out, "spec.externalID: this field is deprecated, and is unused by Kubernetes")
	}
	for i, cidr := range obj.Spec.PodCIDRs {
		out = append(out, validation.GetWarningsForCIDR(field.NewPath("spec", "podCIDRs").Index(i), cidr)...)
	}
	return out
}
