// Package node authorizes nodes: each may read what its own pods name, and nothing of other nodes' pods. It
// follows pods, volumes and the rest in the watch cache and keeps a graph of who names what. What does not
// depend on the node's pods it decides by the fixed rules of the role system:node. Callers: server, which
// follows the kinds and puts this into stage 3. What a node may write into objects, the admission plugin
// NodeRestriction says.
package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/authz/rbac"
	"github.com/nave-k8s/nave/server/request"
)

// Authorizer decides on what nodes do. Its methods may be called by many goroutines.
type Authorizer struct {
	graph graph
	rules []rbacv1.PolicyRule
}

// New returns an authorizer that knows no pod yet. rules are those that hold for every node.
func New(rules []rbacv1.PolicyRule) *Authorizer {
	return &Authorizer{graph: newGraph(), rules: rules}
}

var _ authz.Authorizer = (*Authorizer)(nil)

// Identify returns the node that a user is; is reports whether it is one at all.
func Identify(user authenticationv1.UserInfo) (name string, is bool) {
	name, is = strings.CutPrefix(user.Username, "system:node:")
	return name, is && slices.Contains(user.Groups, "system:nodes")
}

// Authorize decides on what nodes do; of anybody else it has no opinion.
func (z *Authorizer) Authorize(_ context.Context, a request.Attributes) (authz.Decision, string, error) {
	node, is := Identify(a.User)
	if !is {
		return authz.NoOpinion, "", nil
	}
	if node == "" {
		return authz.NoOpinion, fmt.Sprintf("unknown node for user %q", a.User.Username), nil
	}
	if a.Resource {
		if decide := deciderOf(a.Group, a.Plural); decide != nil {
			decision, reason := decide(z, node, &a)
			return decision, reason, nil
		}
	}
	if rbac.Allow(z.rules, &a) {
		return authz.Allow, "", nil
	}
	return authz.NoOpinion, "", nil
}

// RulesFor cannot list what a node may: it depends on the objects.
func (z *Authorizer) RulesFor(user authenticationv1.UserInfo, _ string) ([]rbacv1.PolicyRule, bool, []error) {
	if _, is := Identify(user); !is {
		return nil, false, nil
	}
	return nil, true, []error{errors.New("node authorizer does not support user rule resolution")}
}

// related allows what the graph connects with the node.
func (z *Authorizer) related(node string, kind kind, a *request.Attributes) (authz.Decision, string) {
	if a.Name == "" {
		return authz.NoOpinion, "No Object name found"
	}
	if z.graph.reaches(object{kind, a.Namespace, a.Name}, node) {
		return authz.Allow, ""
	}
	return authz.NoOpinion, fmt.Sprintf("no relationship found between node '%s' and this object", node)
}

// selects reports whether a field selector picks out the objects of one node.
func selects(a *request.Attributes, field, node string) bool {
	requirements, err := a.FieldRequirements()
	if err != nil {
		return false
	}
	for _, r := range requirements {
		if r.Field == field && r.Value == node && (r.Operator == selection.Equals || r.Operator == selection.DoubleEquals) {
			return true
		}
	}
	return false
}
