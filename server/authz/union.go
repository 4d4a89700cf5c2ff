package authz

import (
	"context"
	"errors"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
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

// A Ruler is an authorizer that can list what it allows. incomplete says that there is more than it can list;
// problems are what it met on the way.
type Ruler interface {
	RulesFor(user authenticationv1.UserInfo, namespace string) (rules []rbacv1.PolicyRule, incomplete bool, problems []error)
}

// RulesFor lists what the authorizers that can list theirs allow.
func (u Union) RulesFor(user authenticationv1.UserInfo, namespace string) (rules []rbacv1.PolicyRule, incomplete bool, problems []error) {
	for i := range u {
		ruler, ok := u[i].Authorizer.(Ruler)
		if !ok {
			continue
		}
		more, part, errs := ruler.RulesFor(user, namespace)
		rules, incomplete, problems = append(rules, more...), incomplete || part, append(problems, errs...)
	}
	return rules, incomplete, problems
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
