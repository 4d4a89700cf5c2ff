// Package core makes the kinds of the core API group ("", v1). A kind is a file, a larger one several
// (service.go, service_defaults.go, service_validate.go); Pod has a folder of its own. Callers: kinds/builtin.
package core

import (
	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/core/pod"
	"github.com/nave-k8s/nave/kinds/core/service"
	"github.com/nave-k8s/nave/kinds/core/volume"
)

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		binding(),
		componentStatus(),
		configMap(),
		endpoints(),
		event(),
		limitRange(),
		namespace(),
		node(),
		volume.Claim(),
		volume.Volume(),
		pod.Resource(),
		podTemplate(),
		replicationController(),
		resourceQuota(),
		secret(),
		serviceAccount(),
		service.Resource(),
	}
}
