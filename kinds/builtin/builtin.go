// Package builtin lists every kind that is compiled in. Callers: cmd/nave, navetest and tests.
package builtin

import (
	"slices"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/core"
)

// All returns the resources of all API groups in the order of discovery
// (facts: apiregistration.k8s.io first, then by group priority).
func All() []*kinds.Resource {
	return slices.Concat(
		core.All(),
	)
}
