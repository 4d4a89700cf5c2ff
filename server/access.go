package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/authn/bootstraptoken"
	"github.com/nave-k8s/nave/server/authn/impersonation"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/authz"
	authzconfig "github.com/nave-k8s/nave/server/authz/config"
	"github.com/nave-k8s/nave/server/authz/node"
	"github.com/nave-k8s/nave/server/authz/rbac"
	"github.com/nave-k8s/nave/server/bootstrap"
	"github.com/nave-k8s/nave/server/request"
)

// authorizer is stage 3 as the server needs it.
type authorizer interface {
	authz.Authorizer
	authz.Ruler
}

// authenticate puts stage 1 together. What knows tokens is asked in kube-apiserver's order.
func (s *Server) authenticate(verifier *serviceaccount.Verifier) {
	s.tokens = &authn.TokenUnion{Audiences: s.Audiences}
	ours := func(lookup func(context.Context, string) (*authenticationv1.UserInfo, error)) {
		s.tokens.Of = append(s.tokens.Of, authn.Ours{Audiences: s.Audiences, Lookup: lookup})
	}
	if s.Tokens != nil {
		ours(func(_ context.Context, token string) (*authenticationv1.UserInfo, error) {
			return s.Tokens.Lookup(token), nil
		})
	}
	s.tokens.Of = append(s.tokens.Of, authn.ServiceAccounts{Verifier: verifier})
	if s.BootstrapTokens {
		ours(bootstraptoken.New(s.engine, s.Now).Lookup)
	}
	if s.Authentication != nil {
		ours(s.Authentication.Lookup)
	}
	if s.TokenWebhook != nil {
		s.tokens.Of = append(s.tokens.Of, s.TokenWebhook)
	}
	s.authn = &authn.Stage{
		Authenticators: append(slices.Clone(s.Authenticators), s.tokens),
		AllowAnonymous: s.anonymous, Impersonate: impersonation.New(s.may).Apply,
	}
}

// anonymous lets requests without credentials go on to authorization. Where that allows everything, they may
// only ask whether the server is well and which it is.
func (s *Server) anonymous(r *request.Request) bool {
	if s.Authentication != nil {
		if open, said := s.Authentication.Anonymous(r); said {
			return open
		}
	}
	if s.NoAnonymous {
		return false
	}
	if !slices.Contains(s.Modes, "AlwaysAllow") {
		return true
	}
	switch r.Path {
	case "/version", "/version/", "/healthz", "/livez", "/readyz":
		return true
	}
	return false
}

// authorize puts stage 3 together: by the modes, or by a file.
func (s *Server) authorize() (authorizer, error) {
	s.rbac = rbac.New()
	rules, err := bootstrap.Rules("system:node")
	if err != nil {
		return nil, err
	}
	s.nodes = node.New(rules)
	first := authz.Union{{Authorizer: authz.Masters{}}}
	if s.AuthorizationFile != "" {
		return authzconfig.Follow(s.AuthorizationFile, first, s.ownAuthorizer, s.Now, func(err error) {
			s.Log.Warn("the authorization configuration could not be read again; what was there stays", "err", err)
		})
	}
	union := first
	for _, mode := range s.Modes {
		if mode == "Webhook" {
			if s.AuthorizationWebhook == nil {
				return nil, fmt.Errorf("authorization mode Webhook needs a webhook")
			}
			union = append(union, authz.Named{Name: "default", Authorizer: s.AuthorizationWebhook})
			continue
		}
		own, err := s.ownAuthorizer(mode)
		if err != nil {
			return nil, err
		}
		union = append(union, authz.Named{Name: modeName(mode), Authorizer: own})
	}
	return union, nil
}

// modeName is how refusals name an authorizer that the flags ask for.
func modeName(mode string) string {
	switch mode {
	case "RBAC":
		return "rbac"
	case "Node":
		return "node"
	}
	return ""
}

// ownAuthorizer is the authorizer of a mode that needs nobody else.
func (s *Server) ownAuthorizer(mode string) (authz.Authorizer, error) {
	switch mode {
	case "AlwaysAllow":
		return authz.AlwaysAllow{}, nil
	case "AlwaysDeny":
		return authz.AlwaysDeny{}, nil
	case "RBAC":
		return s.rbac, nil
	case "Node":
		return s.nodes, nil
	}
	return nil, fmt.Errorf("authorization mode %q is not supported; the modes are AlwaysAllow, AlwaysDeny, Node, RBAC and Webhook", mode)
}

// explain says which rules came nearest, to those who may read the bindings where it was refused. Of bindings
// elsewhere they hear if they may read those, too.
func (s *Server) explain(ctx context.Context, a request.Attributes) string {
	known := map[string]bool{}
	mayRead := func(namespace string) bool {
		if may, ok := known[namespace]; ok {
			return may
		}
		list := request.Attributes{
			User: a.User, Verb: "list", Resource: true, Group: rbacv1.GroupName, Version: "v1",
			Plural: "rolebindings", Namespace: namespace,
		}
		if namespace == "" {
			list.Plural = "clusterrolebindings"
		}
		decision, _, _ := s.authorizer.Authorize(ctx, list)
		known[namespace] = decision == authz.Allow
		return decision == authz.Allow
	}
	if !mayRead(a.Namespace) {
		return ""
	}
	return strings.Join(s.rbac.Nearest(a, mayRead), "; ")
}
