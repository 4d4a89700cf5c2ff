// Package authz is stage 3: may they. An Authorizer decides on what a request is about to do; Stage turns a
// refusal into the 403 that Kubernetes gives.
package authz

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/server/request"
)

// Attributes is what is to be decided.
type Attributes = request.Attributes

// Decision is an authorizer's.
type Decision int

// NoOpinion leaves the decision to the next authorizer; if nobody allows, it is a refusal.
const (
	NoOpinion Decision = iota
	Allow
	Deny
)

// An Authorizer decides. reason is for the person who is refused, or for the audit log.
type Authorizer interface {
	Authorize(ctx context.Context, a Attributes) (decision Decision, reason string, err error)
}

// Stage refuses what its authorizer does not allow.
type Stage struct {
	Authorizer Authorizer
	// Explain says what came nearest to allowing what is refused, for the request's timeline; "" if there is
	// nothing to say, or nothing that the user may know. Nil: nobody is told.
	Explain func(ctx context.Context, a Attributes) string
}

// Run decides on the request.
func (s *Stage) Run(_ http.ResponseWriter, r *request.Request) (done bool, err error) {
	a := r.Attributes()
	decision, reason, err := s.Authorizer.Authorize(r.HTTP.Context(), a)
	if decision == Allow {
		r.Annotate("authorization.k8s.io/decision", "allow")
		r.Annotate("authorization.k8s.io/reason", reason)
		return false, nil
	}
	if err != nil && decision != Deny {
		return false, apierrors.NewInternalError(err)
	}
	if s.Explain != nil {
		if text := s.Explain(r.HTTP.Context(), a); text != "" {
			r.Timeline.Enter("nearest")("", text)
		}
	}
	r.Annotate("authorization.k8s.io/decision", "forbid")
	r.Annotate("authorization.k8s.io/reason", reason)
	return false, Forbidden(a, reason)
}

// Forbidden is the 403 for what may not be done.
func Forbidden(a Attributes, reason string) error {
	text := escape(describe(a))
	if reason != "" {
		text += ": " + reason
	}
	if !a.Resource {
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden,
			Message: "forbidden: " + text, Details: &metav1.StatusDetails{},
		}}
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: a.Group, Resource: a.Plural}, a.Name, fmt.Errorf("%s", text))
}

// escape makes sure that no browser takes an error for HTML; quotes are no danger.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func describe(a Attributes) string {
	if !a.Resource {
		return fmt.Sprintf("User %q cannot %s path %q", a.User.Username, a.Verb, a.Path)
	}
	what := a.Plural
	if a.Subresource != "" {
		what += "/" + a.Subresource
	}
	where := "at the cluster scope"
	if a.Namespace != "" {
		where = fmt.Sprintf("in the namespace %q", a.Namespace)
	}
	return fmt.Sprintf("User %q cannot %s resource %q in API group %q %s", a.User.Username, a.Verb, what, a.Group, where)
}

// AlwaysAllow allows everything to everybody who is authenticated.
type AlwaysAllow struct{}

// Authorize allows.
func (AlwaysAllow) Authorize(context.Context, Attributes) (Decision, string, error) {
	return Allow, "", nil
}

// RulesFor lists everything.
func (AlwaysAllow) RulesFor(authenticationv1.UserInfo, string) ([]rbacv1.PolicyRule, bool, []error) {
	all := []string{"*"}
	return []rbacv1.PolicyRule{{Verbs: all, APIGroups: all, Resources: all}, {Verbs: all, NonResourceURLs: all}}, false, nil
}

// AlwaysDeny allows nothing.
type AlwaysDeny struct{}

// Authorize has no opinion, which is a refusal if nobody else has one.
func (AlwaysDeny) Authorize(context.Context, Attributes) (Decision, string, error) {
	return NoOpinion, "Everything is forbidden.", nil
}
