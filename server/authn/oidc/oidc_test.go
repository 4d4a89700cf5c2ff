package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// testIssuer serves the documents of an issuer.
type testIssuer struct {
	*httptest.Server
	key   *rsa.PrivateKey
	id    string
	asked int
}

func newTestIssuer(t *testing.T) *testIssuer {
	i := &testIssuer{id: "one"}
	i.newKey(t, "one")
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"}) //nolint:errcheck // a test
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		i.asked++
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: i.id, Algorithm: "RS256", Use: "sig"}}}) //nolint:errcheck // a test
	})
	i.Server = httptest.NewTLSServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *testIssuer) newKey(t *testing.T, id string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i.key, i.id = key, id
}

func (i *testIssuer) ca() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Certificate().Raw}))
}

func (i *testIssuer) token(t *testing.T, claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: i.id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"iss": i.URL, "aud": "nave", "exp": time.Now().Add(time.Hour).Unix(), "sub": "s"}
	for k, v := range claims {
		if all[k] = v; v == nil {
			delete(all, k)
		}
	}
	token, err := jwt.Signed(signer).Claims(all).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (i *testIssuer) config(change func(j *JWT)) JWT {
	none := ""
	j := JWT{
		Issuer:        Issuer{URL: i.URL, CertificateAuthority: i.ca(), Audiences: []string{"nave"}},
		ClaimMappings: ClaimMappings{Username: PrefixedClaim{Claim: "sub", Prefix: &none}},
	}
	if change != nil {
		change(&j)
	}
	return j
}

func TestLookup(t *testing.T) {
	i := newTestIssuer(t)
	oidc := "oidc:"
	flags, err := Flags{IssuerURL: i.URL, ClientID: "nave", CA: i.ca(), UsernameClaim: "email", GroupsClaim: "groups", GroupsPrefix: "g:", RequiredClaims: map[string]string{"hd": "acme"}}.Config()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		config JWT
		claims map[string]any
		want   string // user, uid, groups and extra, or an error
	}{
		{name: "subject", config: i.config(nil), want: "s||"},
		{name: "prefix and groups", config: i.config(func(j *JWT) {
			j.ClaimMappings.Username.Prefix, j.ClaimMappings.Groups = &oidc, PrefixedClaim{Claim: "roles", Prefix: &oidc}
		}), claims: map[string]any{"roles": []string{"a", "b"}}, want: "oidc:s||oidc:a,oidc:b"},
		{name: "expressions", config: i.config(func(j *JWT) {
			j.ClaimMappings = ClaimMappings{
				Username: PrefixedClaim{Expression: `"x-" + claims.sub`}, Groups: PrefixedClaim{Expression: `claims.roles.split(",")`},
				UID: Claim{Expression: "claims.sub"}, Extra: []Extra{{Key: "acme.io/t", ValueExpression: "claims.?tenant.orValue('none')"}},
			}
		}), claims: map[string]any{"roles": "a,b"}, want: "x-s|s|a,b acme.io/t=none"},
		{name: "claim rule", config: i.config(func(j *JWT) {
			j.ClaimValidationRules = []ClaimRule{{Expression: "claims.exp - claims.iat < 100.0", Message: "too long"}}
		}), claims: map[string]any{"iat": 1}, want: "error oidc: validation expression 'claims.exp - claims.iat < 100.0' failed: too long"},
		{name: "user rule", config: i.config(func(j *JWT) {
			j.UserValidationRules = []UserRule{{Expression: "!user.username.startsWith('system:')", Message: "reserved"}}
		}), claims: map[string]any{"sub": "system:admin"}, want: "error oidc: validation expression '!user.username.startsWith('system:')' failed: reserved"},
		{name: "flags", config: flags, claims: map[string]any{"email": "a@b", "email_verified": true, "groups": "x", "hd": "acme"}, want: "a@b||g:x"},
		{name: "flags, unverified", config: flags, claims: map[string]any{"email": "a@b", "email_verified": false, "hd": "acme"}, want: "error oidc: email not verified"},
		{name: "flags, required claim", config: flags, claims: map[string]any{"email": "a@b"}, want: `error oidc: required claim hd value does not match: want "acme"`},
		{name: "another audience", config: i.config(nil), claims: map[string]any{"aud": "other"}, want: `error oidc: verify token: expected audience in ["nave"] got ["other"]`},
		{name: "expired", config: i.config(nil), claims: map[string]any{"exp": 1}, want: "error oidc: verify token: token is expired"},
		{name: "no end", config: i.config(nil), claims: map[string]any{"exp": nil}, want: "error oidc: verify token: token is expired"},
		{name: "another issuer", config: i.config(nil), claims: map[string]any{"iss": "https://elsewhere"}, want: "unknown"},
	} {
		s, err := New(Config{JWT: []JWT{c.config}, Now: time.Now})
		if err != nil {
			t.Fatal(c.name, err)
		}
		user, err := s.Lookup(t.Context(), i.token(t, c.claims))
		got := "unknown"
		switch {
		case err != nil:
			got = "error " + err.Error()
		case user != nil:
			got = user.Username + "|" + user.UID + "|" + strings.Join(user.Groups, ",")
			for k, v := range user.Extra {
				got += " " + k + "=" + strings.Join(v, ",")
			}
		}
		if got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestKeysChange(t *testing.T) {
	i := newTestIssuer(t)
	now := time.Now()
	s, err := New(Config{JWT: []JWT{i.config(nil)}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := s.Lookup(t.Context(), i.token(t, nil)); err != nil {
			t.Fatal(err)
		}
	}
	if i.asked != 1 {
		t.Errorf("the issuer was asked %d times", i.asked)
	}
	forger := &testIssuer{Server: i.Server}
	forger.newKey(t, "forged")
	for range 5 {
		if _, err := s.Lookup(t.Context(), forger.token(t, nil)); err == nil {
			t.Fatal("a forged token is believed")
		}
	}
	if i.asked != 1 {
		t.Errorf("forged tokens made the server ask the issuer %d times in a second", i.asked)
	}
	i.newKey(t, "two")
	now = now.Add(2 * time.Second)
	if _, err := s.Lookup(t.Context(), i.token(t, nil)); err != nil {
		t.Errorf("a token of the new key: %v", err)
	}
}

func TestInvalid(t *testing.T) {
	i := newTestIssuer(t)
	for name, c := range map[string]struct {
		change func(*JWT)
		want   string
	}{
		"http":        {func(j *JWT) { j.Issuer.URL = "http://x" }, "issuer.url: URL scheme must be https"},
		"audience":    {func(j *JWT) { j.Issuer.Audiences = nil }, "issuer.audiences: at least one audience is required"},
		"two names":   {func(j *JWT) { j.ClaimMappings.Username.Expression = "claims.sub" }, "claimMappings.username: claim or expression is required, and not both"},
		"email":       {func(j *JWT) { j.ClaimMappings.Username = PrefixedClaim{Expression: "claims.email"} }, "claims.email_verified must be used"},
		"type":        {func(j *JWT) { j.UserValidationRules = []UserRule{{Expression: "user.username"}} }, "userValidationRules[0].expression: must evaluate to one of [bool]"},
		"compilation": {func(j *JWT) { j.UserValidationRules = []UserRule{{Expression: "user.name == ''"}} }, "undefined field 'name'"},
	} {
		_, err := New(Config{JWT: []JWT{i.config(c.change)}, Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(Config{JWT: []JWT{i.config(nil), i.config(nil)}, Reserved: []string{"x"}, Now: time.Now}); err == nil || !strings.Contains(err.Error(), "is there twice") {
		t.Errorf("twice: %v", err)
	}
}
