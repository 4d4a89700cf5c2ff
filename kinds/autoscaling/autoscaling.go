// Package autoscaling makes the kind of the API group autoscaling: HorizontalPodAutoscaler, stored and
// checked as v2 and also served as v1, which carries what it has no field for in annotations. Scale, the
// group's other type, is a subresource of workloads. Callers: kinds/builtin.
package autoscaling

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// All returns the group's resources in discovery order: the preferred version first.
func All() []*kinds.Resource {
	hub := autoscaler()
	return []*kinds.Resource{hub, autoscalerV1(hub)}
}

var (
	specPath   = field.NewPath("spec")
	statusPath = field.NewPath("status")
)

func set[T any](p **T, value T) {
	if *p == nil {
		*p = &value
	}
}
