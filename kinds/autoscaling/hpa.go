package autoscaling

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/workload"
)

func autoscaler() *kinds.Resource {
	return &kinds.Resource{
		Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler",
		Plural: "horizontalpodautoscalers", Singular: "horizontalpodautoscaler", ShortNames: []string{"hpa"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &autoscalingv2.HorizontalPodAutoscaler{} },
		NewList: func() runtime.Object { return &autoscalingv2.HorizontalPodAutoscalerList{} },
		Storage: kinds.Storage{Key: "horizontalpodautoscalers", APIVersion: "autoscaling/v2"},
		Rules: kinds.For[*autoscalingv2.HorizontalPodAutoscaler]{
			Default: defaultAutoscaler,
			PrepareCreate: func(_ kinds.Input, a *autoscalingv2.HorizontalPodAutoscaler) {
				a.Status = autoscalingv2.HorizontalPodAutoscalerStatus{}
				workload.Begin(&a.ObjectMeta)
			},
			PrepareUpdate: func(_ kinds.Input, a, old *autoscalingv2.HorizontalPodAutoscaler) {
				a.Status = old.Status
				workload.Advance(&a.ObjectMeta, &old.ObjectMeta, workload.Changed(a.Spec, old.Spec))
			},
			Validate: func(_ kinds.Input, a *autoscalingv2.HorizontalPodAutoscaler) field.ErrorList {
				return validateSpec(&a.Spec, nil)
			},
			ValidateUpdate: func(_ kinds.Input, a, old *autoscalingv2.HorizontalPodAutoscaler) field.ErrorList {
				return validateSpec(&a.Spec, &old.Spec)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table:        kinds.Table{Columns: columns(), Cells: tableCells},
		Subresources: []*kinds.Subresource{status()},
	}
}

// autoscalerV1 is the older version. Its own rules are the defaults alone; the hub's do the rest.
func autoscalerV1(hub *kinds.Resource) *kinds.Resource {
	r := *hub
	r.Version = "v1"
	r.New = func() runtime.Object { return &autoscalingv1.HorizontalPodAutoscaler{} }
	r.NewList = func() runtime.Object { return &autoscalingv1.HorizontalPodAutoscalerList{} }
	r.Storage = kinds.Storage{}
	r.Hub = hub
	r.ToHub = func(obj kinds.Object) kinds.Object { return toV2(obj.(*autoscalingv1.HorizontalPodAutoscaler)) }
	r.FromHub = func(obj kinds.Object) kinds.Object { return toV1(obj.(*autoscalingv2.HorizontalPodAutoscaler)) }
	r.Rules = kinds.For[*autoscalingv1.HorizontalPodAutoscaler]{
		Default:     defaultAutoscalerV1,
		ResetFields: []string{"status"},
	}.Rules()
	return &r
}

func status() *kinds.Subresource {
	return workload.Status(kinds.For[*autoscalingv2.HorizontalPodAutoscaler]{
		PrepareUpdate: func(_ kinds.Input, a, old *autoscalingv2.HorizontalPodAutoscaler) { a.Spec = old.Spec },
		ValidateUpdate: func(_ kinds.Input, a, _ *autoscalingv2.HorizontalPodAutoscaler) field.ErrorList {
			errs := workload.Nonnegative(a.Status.CurrentReplicas, statusPath.Child("currentReplicas"))
			return append(errs, workload.Nonnegative(a.Status.DesiredReplicas, statusPath.Child("desiredReplicas"))...)
		},
		ResetFields: []string{"spec"},
	}.Rules())
}
