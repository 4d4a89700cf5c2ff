// Package all lists every controller that is compiled in. Callers: cmd/nave, navetest.
package all

import (
	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/autoscaler"
	"github.com/nave-k8s/nave/control/cronjob"
	"github.com/nave-k8s/nave/control/daemonset"
	"github.com/nave-k8s/nave/control/deployment"
	"github.com/nave-k8s/nave/control/disruption"
	"github.com/nave-k8s/nave/control/garbage"
	"github.com/nave-k8s/nave/control/job"
	"github.com/nave-k8s/nave/control/namespace"
	"github.com/nave-k8s/nave/control/replicaset"
	"github.com/nave-k8s/nave/control/rootca"
	"github.com/nave-k8s/nave/control/serviceaccount"
	"github.com/nave-k8s/nave/control/statefulset"
	"github.com/nave-k8s/nave/control/ttlafterfinished"
)

// Controllers returns the controllers in the order in which they are started.
func Controllers() []control.Controller {
	return []control.Controller{
		serviceaccount.Controller(),
		rootca.Controller(),
		namespace.Controller(),
		garbage.Controller(),
		deployment.Controller(),
		daemonset.Controller(),
		statefulset.Controller(),
		job.Controller(),
		cronjob.Controller(),
		ttlafterfinished.Controller(),
		disruption.Controller(),
		autoscaler.Controller(),
		replicaset.Controller(),
		replicaset.ReplicationController(),
	}
}
