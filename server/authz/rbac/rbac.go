// Package rbac authorizes by the objects of rbac.authorization.k8s.io. It follows the four kinds in the
// watch cache and keeps an index by subject, so that a decision looks only at the bindings that name the
// user or a group of theirs. Callers: server, which follows the kinds and puts this into stage 3.
package rbac

import (
	"context"
	"fmt"
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
	var missing []string
	decision, reason := authz.NoOpinion, ""
	z.each(a.User, a.Namespace, func(b *binding, subject string) bool {
		rules, err := z.rules(b)
		if err != nil {
			missing = append(missing, err.Error())
			return true
		}
		for i := range rules {
			if allows(&rules[i], &a) {
				decision, reason = authz.Allow, "RBAC: "+b.allowedBy(subject)
				return false
			}
		}
		return true
	})
	switch {
	case decision == authz.Allow:
		return authz.Allow, reason, nil
	case len(missing) == 0:
		return authz.NoOpinion, "", nil
	case len(missing) == 1:
		return authz.NoOpinion, "rbac: RBAC: " + missing[0], nil
	}
	return authz.NoOpinion, "rbac: RBAC: [" + strings.Join(missing, ", ") + "]", nil
}

// each calls f for the bindings of a user: those of the cluster, then those of the namespace, until it
// returns false. z.mu is held.
func (z *Authorizer) each(user authenticationv1.UserInfo, namespace string, f func(b *binding, subject string) bool) {
	if !z.cluster.each(user, f) || namespace == "" {
		return
	}
	if of, ok := z.namespaces[namespace]; ok {
		of.each(user, f)
	}
}

// rules are those of the role that a binding names. z.mu is held.
func (z *Authorizer) rules(b *binding) ([]rbacv1.PolicyRule, error) {
	if b.role.Kind == "ClusterRole" {
		if r := z.clusterRoles[b.role.Name]; r != nil {
			return r.Rules, nil
		}
		return nil, fmt.Errorf("clusterrole.rbac.authorization.k8s.io %q not found", b.role.Name)
	}
	if r := z.roles[b.namespace+"/"+b.role.Name]; r != nil {
		return r.Rules, nil
	}
	return nil, fmt.Errorf("role.rbac.authorization.k8s.io %q not found", b.role.Name)
}

// Rules returns all rules that hold for a user in a namespace ("" for the cluster alone), and what went
// wrong on the way.
func (z *Authorizer) Rules(user authenticationv1.UserInfo, namespace string) (all []rbacv1.PolicyRule, problems []error) {
	z.mu.RLock()
	defer z.mu.RUnlock()
	z.each(user, namespace, func(b *binding, _ string) bool {
		rules, err := z.rules(b)
		if err != nil {
			problems = append(problems, err)
		}
		all = append(all, rules...)
		return true
	})
	return all, problems
}
