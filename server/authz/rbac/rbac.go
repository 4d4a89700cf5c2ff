// Package rbac authorizes by the objects of rbac.authorization.k8s.io. It follows the four kinds in the
// watch cache and keeps an index by subject, so that a decision looks only at the bindings that name the
// user or a group of theirs. Callers: server, which follows the kinds and puts this into stage 3.
package rbac

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/server/authz"
)

// Authorizer decides by the rules it has been told of. Its methods may be called by many goroutines.
type Authorizer struct {
	mu           sync.RWMutex
	roles        map[string]*rbacv1.Role // by namespace/name
	clusterRoles map[string]*rbacv1.ClusterRole
	cluster      bindings
	namespaces   map[string]bindings
}

// New returns an authorizer that knows no rule yet.
func New() *Authorizer {
	return &Authorizer{
		roles: map[string]*rbacv1.Role{}, clusterRoles: map[string]*rbacv1.ClusterRole{},
		cluster: newBindings(), namespaces: map[string]bindings{},
	}
}

var _ authz.Authorizer = (*Authorizer)(nil)

// Authorize allows what a rule allows; of anything else it has no opinion. The reason then names the roles
// that are bound but missing, if any.
func (z *Authorizer) Authorize(_ context.Context, a authz.Attributes) (authz.Decision, string, error) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	var missing []error
	decision, reason := authz.NoOpinion, ""
	z.each(a.User, a.Namespace, func(b *binding) bool {
		rules, err := z.rules(b)
		if err != nil {
			missing = append(missing, err)
			return true
		}
		for i := range rules {
			if allows(&rules[i], &a) {
				decision, reason = authz.Allow, "RBAC: "+b.allowedBy(b.subjectText(a.User))
				return false
			}
		}
		return true
	})
	if decision == authz.NoOpinion && len(missing) > 0 {
		reason = "RBAC: " + joinProblems(missing)
	}
	return decision, reason, nil
}

// joinProblems shows one error as it is and several as a list.
func joinProblems(errs []error) string {
	if len(errs) == 1 {
		return errs[0].Error()
	}
	var texts []string
	for _, err := range errs {
		if text := err.Error(); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// each calls f for the bindings of a user: those of the cluster, then those of the namespace, until it
// returns false. z.mu is held.
func (z *Authorizer) each(user authenticationv1.UserInfo, namespace string, f func(b *binding) bool) {
	if !z.cluster.each(user, f) || namespace == "" {
		return
	}
	if of, ok := z.namespaces[namespace]; ok {
		of.each(user, f)
	}
}

// rules are those of the role that a binding names. z.mu is held.
func (z *Authorizer) rules(b *binding) ([]rbacv1.PolicyRule, error) {
	if rules, ok := z.rulesNamed(b.role, b.namespace); ok {
		return rules, nil
	}
	return nil, fmt.Errorf("%s.rbac.authorization.k8s.io %q not found", strings.ToLower(b.role.Kind), b.role.Name)
}

// rulesNamed are those of a role as a binding in the namespace names it; ok is false if there is none. z.mu
// is held.
func (z *Authorizer) rulesNamed(role rbacv1.RoleRef, namespace string) (rules []rbacv1.PolicyRule, ok bool) {
	if role.Kind == "ClusterRole" {
		if r := z.clusterRoles[role.Name]; r != nil {
			return r.Rules, true
		}
		return nil, false
	}
	if r := z.roles[namespace+"/"+role.Name]; r != nil {
		return r.Rules, true
	}
	return nil, false
}

// rulesOf is rulesNamed for those who do not hold z.mu.
func (z *Authorizer) rulesOf(role rbacv1.RoleRef, namespace string) ([]rbacv1.PolicyRule, bool) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return z.rulesNamed(role, namespace)
}

// Rules returns all rules that hold for a user in a namespace ("" for the cluster alone), and what went
// wrong on the way.
func (z *Authorizer) Rules(user authenticationv1.UserInfo, namespace string) (all []rbacv1.PolicyRule, problems []error) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	z.each(user, namespace, func(b *binding) bool {
		rules, err := z.rules(b)
		if err != nil {
			problems = append(problems, err)
		}
		all = append(all, rules...)
		return true
	})
	return all, problems
}

// RulesFor is Rules as authz.Ruler has it.
func (z *Authorizer) RulesFor(user authenticationv1.UserInfo, namespace string) ([]rbacv1.PolicyRule, bool, []error) {
	rules, problems := z.Rules(user, namespace)
	return rules, false, problems
}
