package authn

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/authn/serviceaccount"
	"github.com/nave-k8s/nave/server/request"
)

// Identity is who a token stands for.
type Identity struct {
	User      authenticationv1.UserInfo
	Audiences []string // those asked for that the token is for
	// Annotations are for the audit log, Warnings for the client.
	Annotations map[string]string
	Warnings    []string
}

// A TokenAuthenticator knows one kind of bearer token. It returns nil and no error for one that is not of its
// kind, an error for one that is and is refused. audiences are those it must be for one of.
type TokenAuthenticator interface {
	AuthenticateToken(ctx context.Context, token string, audiences []string) (*Identity, error)
}

// TokenUnion asks in order: the first that knows the token decides. Audiences are the server's own.
type TokenUnion struct {
	Of        []TokenAuthenticator
	Audiences []string
}

// AuthenticateToken asks in order.
func (u *TokenUnion) AuthenticateToken(ctx context.Context, token string, audiences []string) (*Identity, error) {
	var errs []error
	for _, t := range u.Of {
		id, err := t.AuthenticateToken(ctx, token, audiences)
		if id != nil {
			return id, nil
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	switch len(errs) {
	case 0:
		return nil, nil
	case 1:
		return nil, errs[0]
	}
	return nil, errors.Join(errs...)
}

// Authenticate looks at the request's bearer token.
func (u *TokenUnion) Authenticate(r *request.Request) (*authenticationv1.UserInfo, error) {
	token := bearer(r)
	if token == "" {
		if token = socketToken(r.HTTP.Header); token == "" {
			return nil, nil
		}
	}
	id, err := u.AuthenticateToken(r.HTTP.Context(), token, u.Audiences)
	if err != nil || id == nil {
		return nil, err
	}
	for key, value := range id.Annotations {
		r.Annotate(key, value)
	}
	for _, text := range id.Warnings {
		r.Warn(text)
	}
	return &id.User, nil
}

const (
	socketProtocols = "Sec-Websocket-Protocol"
	socketPrefix    = "base64url.bearer.authorization.k8s.io."
)

// socketToken is the token that a browser, which can set no other header, has put among the protocols of a
// WebSocket. It is taken out: no backend gets to see it. "" if there is none, or nothing else beside it.
func socketToken(h http.Header) (token string) {
	if h.Get("Upgrade") == "" {
		return ""
	}
	var rest []string
	for _, p := range strings.Split(strings.Join(h[socketProtocols], ","), ",") {
		p = strings.TrimSpace(p)
		text, ok := strings.CutPrefix(p, socketPrefix)
		if !ok {
			rest = append(rest, p)
			continue
		}
		decoded, err := base64.RawURLEncoding.DecodeString(text)
		if token != "" || err != nil {
			return ""
		}
		token = string(decoded)
	}
	if len(rest) == 0 {
		return ""
	}
	if token != "" {
		h.Set(socketProtocols, strings.Join(rest, ","))
	}
	return token
}

// Ours is for tokens that say nothing of audiences: they are for this server.
type Ours struct {
	Audiences []string // of the server
	// Lookup is as AuthenticateToken, without audiences.
	Lookup func(ctx context.Context, token string) (*authenticationv1.UserInfo, error)
}

// AuthenticateToken knows the token if it may be for this server.
func (o Ours) AuthenticateToken(ctx context.Context, token string, audiences []string) (*Identity, error) {
	var ours []string
	for _, a := range audiences {
		if slices.Contains(o.Audiences, a) {
			ours = append(ours, a)
		}
	}
	if len(ours) == 0 && len(audiences) > 0 {
		return nil, nil
	}
	user, err := o.Lookup(ctx, token)
	if err != nil || user == nil {
		return nil, err
	}
	return &Identity{User: *user, Audiences: ours}, nil
}

// ServiceAccounts knows the tokens of service accounts.
type ServiceAccounts struct{ Verifier *serviceaccount.Verifier }

// AuthenticateToken checks the token, if it is one of a service account at all.
func (s ServiceAccounts) AuthenticateToken(ctx context.Context, token string, audiences []string) (*Identity, error) {
	id, err := s.Verifier.Verify(ctx, token, audiences)
	if err != nil || id == nil {
		return nil, err
	}
	out := &Identity{User: id.User, Audiences: id.Audiences}
	if id.Stale != "" {
		out.Annotations = map[string]string{serviceaccount.StaleTokenAnnotation: id.Stale}
	}
	return out, nil
}
