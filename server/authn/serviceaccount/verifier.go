package serviceaccount

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	authenticationv1 "k8s.io/api/authentication/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
)

// VerifierConfig is what tokens are held against.
type VerifierConfig struct {
	Issuers   []string // the first signs new tokens, the others are still believed
	Keys      []Key
	Audiences []string // of this server: what a token must be for when the asker names none
	Objects   Objects
	// NoLookup: bound objects are not looked for (--service-account-lookup=false).
	NoLookup bool
	Now      func() time.Time
}

// A Verifier checks tokens.
type Verifier struct {
	VerifierConfig
	byID  map[string]Key
	algs  []jose.SignatureAlgorithm
	known *knownTokens
}

// Identity is who a token stands for.
type Identity struct {
	User      authenticationv1.UserInfo
	Audiences []string // those asked for that the token is for
	// Stale tells, for the audit annotation of that name, that the token's time to be replaced is past.
	Stale string
}

// NewVerifier returns a verifier.
func NewVerifier(c VerifierConfig) *Verifier {
	v := &Verifier{VerifierConfig: c, byID: map[string]Key{}, known: newKnownTokens(4096)}
	for _, k := range c.Keys {
		v.byID[k.ID] = k
		if !slices.Contains(v.algs, k.Algorithm) {
			v.algs = append(v.algs, k.Algorithm)
		}
	}
	return v
}

// Verify returns who the token stands for; nil and no error if it is no token of these issuers at all, an
// error if it is one and is refused. audiences are those it must be for one of; nil for the server's own.
func (v *Verifier) Verify(ctx context.Context, token string, audiences []string) (*Identity, error) {
	claims, err := v.signed(token)
	if claims == nil || err != nil {
		return nil, err
	}
	if audiences == nil {
		audiences = v.Audiences
	}
	legacy := claims.Issuer == legacyIssuer
	own := []string(claims.Audience)
	if legacy {
		own = v.Audiences // it names none
	}
	var shared []string
	for _, a := range audiences {
		if slices.Contains(own, a) {
			shared = append(shared, a)
		}
	}
	if len(shared) == 0 && len(v.Audiences) > 0 {
		return nil, fmt.Errorf("token audiences %q is invalid for the target audiences %q", own, audiences)
	}
	if legacy {
		user, err := v.legacyUser(ctx, token, claims)
		if err != nil {
			return nil, err
		}
		return &Identity{User: user, Audiences: shared}, nil
	}
	user, stale, err := v.alive(ctx, claims)
	if err != nil {
		return nil, err
	}
	return &Identity{User: user, Audiences: shared, Stale: stale}, nil
}

// signed returns what the token says once its signature is checked. That is remembered: the claims of the
// same bytes cannot change, only their truth can.
func (v *Verifier) signed(token string) (*Claims, error) {
	if strings.Count(token, ".") != 2 {
		return nil, nil
	}
	sum := sha256.Sum256([]byte(token))
	if c := v.known.get(sum); c != nil {
		return c, nil
	}
	parsed, err := jose.ParseSignedCompact(token, v.algs)
	if err != nil {
		return nil, nil
	}
	var c Claims
	if json.Unmarshal(parsed.UnsafePayloadWithoutVerification(), &c) != nil || c.Issuer != legacyIssuer && !slices.Contains(v.Issuers, c.Issuer) {
		return nil, nil
	}
	if err := v.checkSignature(parsed); err != nil {
		return nil, err
	}
	v.known.put(sum, &c)
	return &c, nil
}

func (v *Verifier) checkSignature(parsed *jose.JSONWebSignature) error {
	if k, ok := v.byID[parsed.Signatures[0].Header.KeyID]; ok {
		_, err := parsed.Verify(k.Public)
		return err
	}
	if len(v.Keys) == 0 {
		return errors.New("no keys found")
	}
	var errs []error
	for _, k := range v.Keys {
		_, err := parsed.Verify(k.Public)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return utilerrors.NewAggregate(errs)
}

// inTime holds the claims against the clock, with a minute of leeway.
func inTime(c *jwt.Claims, now time.Time) error {
	err := c.Validate(jwt.Expected{Time: now})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jwt.ErrExpired):
		return errors.New("service account token has expired")
	case errors.Is(err, jwt.ErrNotValidYet):
		return errors.New("service account token is not valid yet")
	}
	return fmt.Errorf("service account token claims could not be validated due to unexpected error: %w", err)
}
