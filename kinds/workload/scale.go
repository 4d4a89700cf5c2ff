package workload

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// A Size is what the Scale of a workload says.
type Size struct {
	Desired  *int32
	Observed int32
	Selector string
}

// Scale makes the scale subresource of a kind whose replicas are at spec.replicas.
func Scale[T kinds.Object](size func(T) Size, set func(T, *int32)) *kinds.Subresource {
	return &kinds.Subresource{
		Name:  "scale",
		Verbs: []string{"get", "patch", "update"},
		Kind:  schema.GroupVersionKind{Group: "autoscaling", Version: "v1", Kind: "Scale"},
		Scale: &kinds.Scale{
			Get: func(obj kinds.Object) *autoscalingv1.Scale { return scaleOf(obj, size(obj.(T))) },
			Set: func(obj kinds.Object, scale *autoscalingv1.Scale) {
				replicas := scale.Spec.Replicas
				set(obj.(T), &replicas)
			},
			ReplicasPath: []string{"spec", "replicas"},
			Validate: func(scale *autoscalingv1.Scale) field.ErrorList {
				return Nonnegative(scale.Spec.Replicas, field.NewPath("spec", "replicas"))
			},
		},
	}
}

func scaleOf(obj kinds.Object, size Size) *autoscalingv1.Scale {
	scale := &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{
			Name:              obj.GetName(),
			Namespace:         obj.GetNamespace(),
			UID:               obj.GetUID(),
			ResourceVersion:   obj.GetResourceVersion(),
			CreationTimestamp: obj.GetCreationTimestamp(),
		},
		Status: autoscalingv1.ScaleStatus{Replicas: size.Observed, Selector: size.Selector},
	}
	if size.Desired != nil {
		scale.Spec.Replicas = *size.Desired
	}
	return scale
}

// Status makes the status subresource of a kind from its rules.
func Status(rules kinds.Rules) *kinds.Subresource {
	return &kinds.Subresource{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &rules}
}
