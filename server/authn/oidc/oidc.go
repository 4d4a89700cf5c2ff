// Package oidc knows the tokens of OpenID Connect issuers: JWTs signed with keys that the issuer publishes, whose
// claims become a user by the rules of an AuthenticationConfiguration (KEP-3331) or of the flags --oidc-*. An issuer is
// asked for its keys when its first token comes, and again when a token names a key that is not known.
//
// Callers: authn/config, which reads the file, and server.
package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	authenticationv1 "k8s.io/api/authentication/v1"
)

// Issuers are several, each with its rules. They are read-only; a new configuration makes new ones.
type Issuers struct{ byURL map[string]*issuer }

// Config is what Issuers are made of.
type Config struct {
	JWT []JWT
	// Reserved are issuers that may not be among them: those of service accounts.
	Reserved []string
	Now      func() time.Time
}

// New returns the issuers, or says what is wrong with the configuration.
func New(c Config) (*Issuers, error) {
	out := &Issuers{byURL: map[string]*issuer{}}
	if len(c.JWT) == 0 {
		return out, nil
	}
	compilers, err := newCompilers()
	if err != nil {
		return nil, err
	}
	var errs []error
	for i := range c.JWT {
		j := c.JWT[i]
		made, err := newIssuer(&j, compilers, c.Now)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("jwt[%d]: %w", i, err))
		case out.byURL[j.Issuer.URL] != nil:
			errs = append(errs, fmt.Errorf("jwt[%d].issuer.url: %q is there twice", i, j.Issuer.URL))
		case slices.Contains(c.Reserved, j.Issuer.URL):
			errs = append(errs, fmt.Errorf("jwt[%d].issuer.url: URL must not overlap with disallowed issuers: %v", i, c.Reserved))
		}
		out.byURL[j.Issuer.URL] = made
	}
	return out, errors.Join(errs...)
}

type issuer struct {
	*JWT
	mapping *mapping
	keys    *keySet
	now     func() time.Time
}

func newIssuer(j *JWT, c *compilers, now func() time.Time) (*issuer, error) {
	if err := j.validate(); err != nil {
		return nil, err
	}
	if len(j.algorithms) == 0 {
		j.algorithms = safeAlgorithms()
	}
	m, err := newMapping(j, c)
	if err != nil {
		return nil, err
	}
	keys, err := newKeySet(&j.Issuer, now)
	if err != nil {
		return nil, err
	}
	return &issuer{JWT: j, mapping: m, keys: keys, now: now}, nil
}

// Lookup returns who a token stands for; nil and no error if none of the issuers made it.
func (s *Issuers) Lookup(ctx context.Context, token string) (*authenticationv1.UserInfo, error) {
	if len(s.byURL) == 0 || strings.Count(token, ".") != 2 {
		return nil, nil
	}
	parsed, err := jose.ParseSignedCompact(token, safeAlgorithms())
	if err != nil {
		return nil, nil //nolint:nilerr // it is another kind of token
	}
	var claims jwt.Claims
	if json.Unmarshal(parsed.UnsafePayloadWithoutVerification(), &claims) != nil {
		return nil, nil
	}
	i := s.byURL[claims.Issuer]
	if i == nil {
		return nil, nil
	}
	user, err := i.lookup(ctx, parsed, &claims)
	if err != nil {
		return nil, fmt.Errorf("oidc: %w", err)
	}
	return user, nil
}

func (i *issuer) lookup(ctx context.Context, parsed *jose.JSONWebSignature, claims *jwt.Claims) (*authenticationv1.UserInfo, error) {
	if a := jose.SignatureAlgorithm(parsed.Signatures[0].Header.Algorithm); !slices.Contains(i.algorithms, a) {
		return nil, fmt.Errorf("verify token: the token is signed with %s, which is not among %v", a, i.algorithms)
	}
	payload, err := i.keys.verify(ctx, parsed)
	if err != nil {
		return nil, fmt.Errorf("verify token: %w", err)
	}
	if !slices.ContainsFunc(claims.Audience, func(a string) bool { return slices.Contains(i.Issuer.Audiences, a) }) {
		return nil, fmt.Errorf("verify token: expected audience in %q got %q", i.Issuer.Audiences, []string(claims.Audience))
	}
	now := i.now()
	if claims.Expiry == nil || now.After(claims.Expiry.Time()) {
		return nil, errors.New("verify token: token is expired")
	}
	const leeway = 5 * time.Minute // as clocks differ
	if claims.NotBefore != nil && now.Add(leeway).Before(claims.NotBefore.Time()) {
		return nil, errors.New("verify token: current time is before the token's nbf (not before) time")
	}
	all := map[string]any{}
	if err := json.Unmarshal(payload, &all); err != nil {
		return nil, err
	}
	return i.mapping.user(ctx, all)
}

// Healthy asks every issuer for its keys, for those who want to know before a token comes.
func (s *Issuers) Healthy(ctx context.Context) error {
	var errs []error
	for url, i := range s.byURL {
		if err := i.keys.refresh(ctx); err != nil {
			errs = append(errs, fmt.Errorf("oidc: issuer %s: %w", url, err))
		}
	}
	return errors.Join(errs...)
}
