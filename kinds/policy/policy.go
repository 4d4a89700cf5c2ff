// Package policy makes the kinds of the API group policy: PodDisruptionBudget. Evictions, which honour
// budgets, are a subresource of pods. Callers: kinds/builtin.
package policy

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		podDisruptionBudget(),
	}
}

var (
	specPath   = field.NewPath("spec")
	statusPath = field.NewPath("status")
)
