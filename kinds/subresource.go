package kinds

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// A Subresource is a second door to an object. Exactly one of Part, Scale and Handler is set.
type Subresource struct {
	Name  string
	Verbs []string // sorted
	// Kind is what the subresource takes and gives, where that is not the parent's kind
	// (autoscaling/v1 Scale, policy/v1 Eviction). Zero: the parent's.
	Kind schema.GroupVersionKind

	// Part: the subresource is the object itself, written under rules of its own (status, finalize,
	// approval, resize, ephemeralcontainers). Of Part only PrepareUpdate, ValidateUpdate, Warn and
	// ResetFields are used; defaulting is the parent's.
	Part *Rules

	// Scale: the subresource is the object's autoscaling/v1 Scale.
	Scale *Scale

	// Handler: the subresource is served by a handler of the server that is registered under
	// RESOURCE/NAME (pods/exec, pods/eviction, serviceaccounts/token); the kind only announces it.
	Handler bool
}

// Scale reads and writes the size of a workload.
type Scale struct {
	Get func(obj Object) *autoscalingv1.Scale
	// Set copies spec.replicas of scale to obj.
	Set func(obj Object, scale *autoscalingv1.Scale)
	// ReplicasPath is where managedFields find the replicas: {"spec", "replicas"}.
	ReplicasPath []string
	// Validate checks the written scale.
	Validate func(scale *autoscalingv1.Scale) field.ErrorList
}
