package admit

import (
	"context"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
)

// An Authorizer tells plugins what a user may do: approve for a signer, set an owner reference that blocks.
// Stage 3 is behind it.
type Authorizer interface {
	// Allowed reports whether the user may; reason is for a person.
	Allowed(ctx context.Context, user authenticationv1.UserInfo, what authorizationv1.ResourceAttributes) (allowed bool, reason string, err error)
}
