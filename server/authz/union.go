package authz

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Named is an authorizer with the name that refusals show.
type Named struct {
	Name string
	Authorizer
}

// Union asks authorizers in order: the first that allows or denies decides.
type Union []Named

// Authorize asks in order. Reasons of those without an opinion are joined, each with its author.
func (u Union) Authorize(ctx context.Context, a Attributes) (Decision, string, error) {
	var reasons []string
	var errs []error
	for i := range u {
		decision, reason, err := u[i].Authorizer.Authorize(ctx, a)
		if err != nil {
			errs = append(errs, err)
		}
		if decision != NoOpinion {
			return decision, reason, err
		}
		if reason != "" {
			if u[i].Name != "" {
				reason = u[i].Name + ": " + reason
			}
			reasons = append(reasons, reason)
		}
	}
	return NoOpinion, strings.Join(reasons, "\n"), errors.Join(errs...)
}

// Masters allows everything to the group system:masters.
type Masters struct{}

// Authorize looks at the user's groups alone.
func (Masters) Authorize(_ context.Context, a Attributes) (Decision, string, error) {
	if slices.Contains(a.User.Groups, "system:masters") {
		return Allow, "", nil
	}
	return NoOpinion, "", nil
}
