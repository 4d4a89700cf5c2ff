// Package batch makes the kinds of the API group batch: Job and CronJob. Callers: kinds/builtin.
package batch

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

const (
	group   = "batch"
	version = "v1"
)

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		cronJob(),
		job(),
	}
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

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
