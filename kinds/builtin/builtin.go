// Package builtin lists every kind that is compiled in. Callers: cmd/nave, navetest and tests.
package builtin

import (
	"slices"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/admissionregistration"
	"github.com/nave-k8s/nave/kinds/apiextensions"
	"github.com/nave-k8s/nave/kinds/apiregistration"
	"github.com/nave-k8s/nave/kinds/apps"
	"github.com/nave-k8s/nave/kinds/authentication"
	"github.com/nave-k8s/nave/kinds/authorization"
	"github.com/nave-k8s/nave/kinds/autoscaling"
	"github.com/nave-k8s/nave/kinds/batch"
	"github.com/nave-k8s/nave/kinds/certificates"
	"github.com/nave-k8s/nave/kinds/coordination"
	"github.com/nave-k8s/nave/kinds/core"
	"github.com/nave-k8s/nave/kinds/discovery"
	"github.com/nave-k8s/nave/kinds/events"
	"github.com/nave-k8s/nave/kinds/flowcontrol"
	"github.com/nave-k8s/nave/kinds/networking"
	"github.com/nave-k8s/nave/kinds/node"
	"github.com/nave-k8s/nave/kinds/policy"
	"github.com/nave-k8s/nave/kinds/rbac"
	"github.com/nave-k8s/nave/kinds/resource"
	"github.com/nave-k8s/nave/kinds/scheduling"
	"github.com/nave-k8s/nave/kinds/storage"
	"github.com/nave-k8s/nave/kinds/storagemigration"
)

// All returns the resources of all API groups in the order of discovery: the core group, which /api
// announces alone; then, as in /apis, apiregistration.k8s.io and the others by the priority of their
// APIServices.
func All() []*kinds.Resource {
	coreKinds := core.All()
	return slices.Concat(
		coreKinds,
		apiregistration.All(),
		apps.All(),
		events.All(kinds.NewSet(coreKinds).Kind(core.EventKind)), // a second version of the core kind
		authentication.All(),
		authorization.All(),
		autoscaling.All(),
		batch.All(),
		certificates.All(),
		networking.All(),
		policy.All(),
		rbac.All(),
		storage.All(),
		admissionregistration.All(),
		apiextensions.All(),
		scheduling.All(),
		coordination.All(),
		node.All(),
		discovery.All(),
		resource.All(),
		flowcontrol.All(),
		storagemigration.All(),
	)
}
