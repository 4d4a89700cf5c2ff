// Package authn is stage 1: who is asking. Each way of knowing is an Authenticator; Stage asks them in
// order, and the first that recognises a credential decides. If none does and one found a credential wrong,
// the answer is 401: who shows no credential at all is anonymous, who shows a bad one is not.
package authn

import (
	"net/http"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/request"
)

// Names of the groups every user is in.
const (
	Anonymous       = "system:anonymous"
	Unauthenticated = "system:unauthenticated"
	Authenticated   = "system:authenticated"
)

// An Authenticator knows one kind of credential. It returns nil and no error for a request that shows none
// of its kind or one that it does not know.
type Authenticator interface {
	Authenticate(r *request.Request) (*authenticationv1.UserInfo, error)
}

// Stage asks authenticators in order.
type Stage struct {
	Authenticators []Authenticator
	// AllowAnonymous decides whether a request without credentials goes on as system:anonymous.
	AllowAnonymous func(r *request.Request) bool
	// Impersonate makes the user another one, if the request asks for it; nil: nobody can.
	Impersonate func(r *request.Request) error
}

// Run sets the request's user.
func (s *Stage) Run(_ http.ResponseWriter, r *request.Request) (done bool, err error) {
	if err := s.authenticate(r); err != nil {
		return false, err
	}
	if s.Impersonate != nil {
		return false, s.Impersonate(r)
	}
	return false, nil
}

func (s *Stage) authenticate(r *request.Request) error {
	wrong := false
	for _, a := range s.Authenticators {
		user, err := a.Authenticate(r)
		if err != nil {
			wrong = true
			continue
		}
		if user != nil {
			r.User = InGroup(*user, Authenticated)
			r.HTTP.Header.Del("Authorization") // no later stage, and no backend, gets to see it
			return nil
		}
	}
	if wrong || bearer(r) != "" || !s.AllowAnonymous(r) {
		return unauthorized()
	}
	r.User = authenticationv1.UserInfo{Username: Anonymous, Groups: []string{Unauthenticated}}
	return nil
}

func unauthorized() error { return apierrors.NewUnauthorized("Unauthorized") }

// InGroup returns the user as one of the group.
func InGroup(u authenticationv1.UserInfo, group string) authenticationv1.UserInfo {
	for _, g := range u.Groups {
		if g == group {
			return u
		}
	}
	u.Groups = append(u.Groups[:len(u.Groups):len(u.Groups)], group)
	return u
}

// bearer is the token of the Authorization header; "" for none. A second word is ignored. Two spaces after
// Bearer make it no token, with a warning.
func bearer(r *request.Request) string {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(r.HTTP.Header.Get("Authorization")), " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	token, _, _ := strings.Cut(rest, " ")
	if token == "" && rest != "" {
		r.Warn("the provided Authorization header contains extra space before the bearer token, and is ignored")
	}
	return token
}
