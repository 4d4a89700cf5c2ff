// Package always has the plugins AlwaysAdmit and AlwaysDeny, which kube-apiserver keeps for old
// configurations.
package always

import (
	"context"

	"github.com/nave-k8s/nave/server/admit"
)

// Admit is AlwaysAdmit: it has no opinion.
type Admit struct{}

// Name is the plugin's name.
func (Admit) Name() string { return "AlwaysAdmit" }

// Handles reports whether the plugin wants writes of this kind: none.
func (Admit) Handles(admit.Operation) bool { return false }

// Deny is AlwaysDeny: it refuses every write.
type Deny struct{}

// Name is the plugin's name.
func (Deny) Name() string { return "AlwaysDeny" }

// Handles reports whether the plugin wants writes of this kind: all.
func (Deny) Handles(admit.Operation) bool { return true }

// Mutate refuses.
func (Deny) Mutate(_ context.Context, a *admit.Attributes) error {
	return admit.Forbidden(a, "admission control is denying all modifications")
}

// Review refuses.
func (d Deny) Review(ctx context.Context, a *admit.Attributes) error { return d.Mutate(ctx, a) }
