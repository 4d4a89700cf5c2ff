// Package apps makes the kinds of the API group apps: Deployment, ReplicaSet, StatefulSet, DaemonSet and
// ControllerRevision. A kind is a few files: the value, its defaults, its rules. Callers: kinds/builtin.
package apps

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

const (
	group   = "apps"
	version = "v1"
)

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		controllerRevision(),
		daemonSet(),
		deployment(),
		replicaSet(),
		statefulSet(),
	}
}

var (
	specPath     = field.NewPath("spec")
	templatePath = specPath.Child("template")
	statusPath   = field.NewPath("status")
)

func set[T any](p **T, value T) {
	if *p == nil {
		*p = &value
	}
}
