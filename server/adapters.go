package server

import (
	"context"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"

	"github.com/nave-k8s/nave/server/authn"
	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/resource"
	"github.com/nave-k8s/nave/server/subresource"
)

// The stages do not know each other. What one needs of another it names as an interface; the types of this
// file are the bridges.

// postings registers the subresources and reviews that are acted on, not stored.
func (s *Server) postings(signer *serviceaccount.Signer, verifier *serviceaccount.Verifier) {
	reviews := reviewer{s}
	handlers := subresource.Handlers(subresource.Config{
		Reader: s.engine, Writer: s.engine, Deleter: s.engine, Now: s.Now,
		Tokens: subresource.TokenConfig{
			Signer: signer, Audiences: s.Audiences, Extend: !s.ShortTokens, MaxSeconds: int64(s.MaxTokenTime / time.Second),
		},
		Authenticator: tokenAuthenticator{s},
		Authorizer:    reviews, Rules: reviews,
	})
	for name, h := range handlers {
		s.engine.Handlers[handlerKey(name)] = s.engine.Post(resource.Posting{
			Kind: h.Kind, Others: h.Others, New: h.New, Default: h.Default,
			Act: func(ctx context.Context, r *request.Request, obj runtime.Object, dryRun bool, review func(context.Context) error) (runtime.Object, error) {
				return h.Create(ctx, &subresource.Call{
					Request: r, Namespace: r.Namespace, Name: r.Name, Object: obj, DryRun: dryRun, Review: review,
				})
			},
		})
	}
}

// handlerKey turns "pods/binding" and "tokenreviews.authentication.k8s.io" into the engine's keys.
func handlerKey(name string) string {
	resourceName, sub, isSub := strings.Cut(name, "/")
	plural, group, _ := strings.Cut(resourceName, ".")
	if !isSub {
		return group + "/" + plural
	}
	return group + "/" + plural + "/" + sub
}

// reviewer answers access reviews from the authorizer.
type reviewer struct{ s *Server }

func (v reviewer) Authorize(ctx context.Context, a subresource.Access) (subresource.Decision, string, error) {
	attrs := authz.Attributes{User: a.User, Verb: a.Verb, Path: a.Path}
	if r := a.Resource; r != nil {
		attrs = attributesOf(a.User, *r)
		attrs.Fields, attrs.Labels = a.Fields, a.Labels
	}
	decision, reason, err := v.s.authorizer.Authorize(ctx, attrs)
	switch decision {
	case authz.Allow:
		return subresource.Allow, reason, err
	case authz.Deny:
		return subresource.Deny, reason, err
	}
	return subresource.NoOpinion, reason, err
}

// RulesFor lists what somebody may do, if the authorizer can.
func (v reviewer) RulesFor(ctx context.Context, user authenticationv1.UserInfo, namespace string) (subresource.Rules, error) {
	var out subresource.Rules
	rules, incomplete, problems := v.s.authorizer.RulesFor(user, namespace)
	out.Incomplete = incomplete
	for _, r := range rules {
		if len(r.Resources) > 0 {
			out.Resource = append(out.Resource, authorizationv1.ResourceRule{Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames})
		}
		if len(r.NonResourceURLs) > 0 {
			out.NonResource = append(out.NonResource, authorizationv1.NonResourceRule{Verbs: r.Verbs, NonResourceURLs: r.NonResourceURLs})
		}
	}
	return out, utilerrors.NewAggregate(problems)
}

func attributesOf(user authenticationv1.UserInfo, r authorizationv1.ResourceAttributes) authz.Attributes {
	return authz.Attributes{
		User: user, Verb: r.Verb, Resource: true, Group: r.Group, Version: r.Version,
		Plural: r.Resource, Subresource: r.Subresource, Namespace: r.Namespace, Name: r.Name,
	}
}

// admitAuthorizer lets admission plugins ask the authorizer.
type admitAuthorizer struct{ authorizer authz.Authorizer }

func (a admitAuthorizer) Allowed(ctx context.Context, user authenticationv1.UserInfo, what authorizationv1.ResourceAttributes) (bool, string, error) {
	decision, reason, err := a.authorizer.Authorize(ctx, attributesOf(user, what))
	return decision == authz.Allow, reason, err
}

// AllowedPath answers for what is no resource.
func (a admitAuthorizer) AllowedPath(ctx context.Context, user authenticationv1.UserInfo, verb, path string) (bool, string, error) {
	decision, reason, err := a.authorizer.Authorize(ctx, authz.Attributes{User: user, Verb: verb, Path: path})
	return decision == authz.Allow, reason, err
}

// tokenAuthenticator knows bearer tokens for TokenReview.
type tokenAuthenticator struct{ s *Server }

func (t tokenAuthenticator) AuthenticateToken(ctx context.Context, token string, audiences []string) (*subresource.Identity, error) {
	id, err := t.s.tokens.AuthenticateToken(ctx, token, audiences)
	if err != nil || id == nil {
		return nil, err
	}
	return &subresource.Identity{User: authn.InGroup(id.User, authn.Authenticated), Audiences: id.Audiences}, nil
}
