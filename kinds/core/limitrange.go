package core

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/quantity"
)

func limitRange() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "LimitRange",
		Plural: "limitranges", Singular: "limitrange", ShortNames: []string{"limits"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.LimitRange{} },
		NewList: func() runtime.Object { return &corev1.LimitRangeList{} },
		Storage: kinds.Storage{Key: "limitranges", APIVersion: "v1"},
		Rules: kinds.For[*corev1.LimitRange]{
			Default: defaultLimitRange,
			PrepareCreate: func(_ kinds.Input, obj *corev1.LimitRange) {
				if obj.Name == "" {
					obj.Name = string(obj.UID) // a name nobody else has
				}
			},
			Validate:       func(_ kinds.Input, obj *corev1.LimitRange) field.ErrorList { return validateLimitRange(obj) },
			ValidateUpdate: func(_ kinds.Input, obj, _ *corev1.LimitRange) field.ErrorList { return validateLimitRange(obj) },
		}.Rules(),
		CreateOnUpdate: true,
	}
}

func defaultLimitRange(obj *corev1.LimitRange) {
	for i := range obj.Spec.Limits {
		item := &obj.Spec.Limits[i]
		if item.Type == corev1.LimitTypeContainer {
			if item.Default == nil {
				item.Default = corev1.ResourceList{}
			}
			if item.DefaultRequest == nil {
				item.DefaultRequest = corev1.ResourceList{}
			}
			fillIn(item.Default, item.Max)
			fillIn(item.DefaultRequest, item.Default)
			fillIn(item.DefaultRequest, item.Min)
		}
		for _, list := range []corev1.ResourceList{item.Max, item.Min, item.Default, item.DefaultRequest, item.MaxLimitRequestRatio} {
			quantity.RoundUp(list)
		}
	}
}

// fillIn adds what list does not have of from.
func fillIn(list, from corev1.ResourceList) {
	for name, q := range from {
		if _, ok := list[name]; !ok {
			list[name] = q.DeepCopy()
		}
	}
}
