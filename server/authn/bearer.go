package authn

import (
	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/request"
)

// ServiceAccounts knows the tokens of service accounts.
type ServiceAccounts struct{ Verifier *serviceaccount.Verifier }

// Authenticate checks the bearer token, if it is one of a service account at all.
func (s ServiceAccounts) Authenticate(r *request.Request) (*authenticationv1.UserInfo, error) {
	token := bearer(r)
	if token == "" {
		return nil, nil
	}
	id, err := s.Verifier.Verify(r.HTTP.Context(), token, nil)
	if err != nil || id == nil {
		return nil, err
	}
	if id.Stale != "" {
		r.Annotate("authentication.k8s.io/stale-token", id.Stale)
	}
	return &id.User, nil
}
