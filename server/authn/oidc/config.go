package oidc

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// JWT is a JWTAuthenticator of apiserver.config.k8s.io: one issuer, and what its tokens' claims mean. See KEP-3331
// for the fields.
type JWT struct {
	Issuer               Issuer                    `json:"issuer"`
	ClaimValidationRules []ClaimRule               `json:"claimValidationRules"`
	ClaimMappings        ClaimMappings             `json:"claimMappings"`
	UserValidationRules  []UserRule                `json:"userValidationRules"`
	algorithms           []jose.SignatureAlgorithm // nil: all that are safe
}

// Issuer is who signs the tokens.
type Issuer struct {
	URL                  string   `json:"url"`
	DiscoveryURL         string   `json:"discoveryURL"`
	CertificateAuthority string   `json:"certificateAuthority"`
	Audiences            []string `json:"audiences"`
	AudienceMatchPolicy  string   `json:"audienceMatchPolicy"`
	EgressSelectorType   string   `json:"egressSelectorType"`
}

// ClaimRule is a rule for claims: a claim and its value, or an expression.
type ClaimRule struct {
	Claim         string `json:"claim"`
	RequiredValue string `json:"requiredValue"`
	Expression    string `json:"expression"`
	Message       string `json:"message"`
}

// UserRule is a rule for the user that the claims make.
type UserRule struct {
	Expression string `json:"expression"`
	Message    string `json:"message"`
}

// ClaimMappings say what makes the user.
type ClaimMappings struct {
	Username PrefixedClaim `json:"username"`
	Groups   PrefixedClaim `json:"groups"`
	UID      Claim         `json:"uid"`
	Extra    []Extra       `json:"extra"`
}

// PrefixedClaim is a claim with a prefix, or an expression.
type PrefixedClaim struct {
	Claim      string  `json:"claim"`
	Prefix     *string `json:"prefix"`
	Expression string  `json:"expression"`
}

// Claim is a claim or an expression.
type Claim struct {
	Claim      string `json:"claim"`
	Expression string `json:"expression"`
}

// Extra is a key of the user's extra and an expression for its values.
type Extra struct {
	Key             string `json:"key"`
	ValueExpression string `json:"valueExpression"`
}

// Flags is what the flags --oidc-* say.
type Flags struct {
	IssuerURL, ClientID, CA       string // CA is PEM
	UsernameClaim, UsernamePrefix string
	GroupsClaim, GroupsPrefix     string
	RequiredClaims                map[string]string
	SigningAlgorithms             []string
}

// Config is the configuration that says the same.
func (f Flags) Config() (JWT, error) {
	j := JWT{Issuer: Issuer{URL: f.IssuerURL, CertificateAuthority: f.CA, Audiences: []string{f.ClientID}}}
	prefix := f.UsernamePrefix
	switch {
	case prefix == "-":
		prefix = ""
	case prefix == "" && f.UsernameClaim != "email":
		prefix = f.IssuerURL + "#"
	}
	j.ClaimMappings.Username = PrefixedClaim{Claim: f.UsernameClaim, Prefix: &prefix}
	if f.GroupsClaim != "" {
		j.ClaimMappings.Groups = PrefixedClaim{Claim: f.GroupsClaim, Prefix: &f.GroupsPrefix}
	}
	for claim, value := range f.RequiredClaims {
		j.ClaimValidationRules = append(j.ClaimValidationRules, ClaimRule{Claim: claim, RequiredValue: value})
	}
	for _, a := range f.SigningAlgorithms {
		if !slices.Contains(safeAlgorithms(), jose.SignatureAlgorithm(a)) {
			return j, fmt.Errorf("signing algorithm %q is not supported", a)
		}
		j.algorithms = append(j.algorithms, jose.SignatureAlgorithm(a))
	}
	return j, nil
}

// safeAlgorithms are those of public keys.
func safeAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512, jose.PS256, jose.PS384, jose.PS512}
}

// validate refuses what cannot work, each time with the field's path.
func (j *JWT) validate() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", field, fmt.Sprintf(format, args...)))
	}
	checkURL := func(field, text string) {
		u, err := url.Parse(text)
		switch {
		case err != nil:
			bad(field, "%v", err)
		case u.Scheme != "https":
			bad(field, "URL scheme must be https")
		case u.User != nil:
			bad(field, "URL must not contain a username or password")
		case u.RawQuery != "" || u.Fragment != "":
			bad(field, "URL must not contain a query or a fragment")
		}
	}
	if j.Issuer.URL == "" {
		bad("issuer.url", "URL is required")
	} else {
		checkURL("issuer.url", j.Issuer.URL)
	}
	if d := j.Issuer.DiscoveryURL; d != "" {
		checkURL("issuer.discoveryURL", d)
		if d == j.Issuer.URL {
			bad("issuer.discoveryURL", "discoveryURL must be different from URL")
		}
	}
	if len(j.Issuer.Audiences) == 0 || slices.Contains(j.Issuer.Audiences, "") {
		bad("issuer.audiences", "at least one audience is required, and none may be empty")
	}
	if p := j.Issuer.AudienceMatchPolicy; p != "" && p != "MatchAny" || p == "" && len(j.Issuer.Audiences) > 1 {
		bad("issuer.audienceMatchPolicy", "must be MatchAny where there are several audiences, and may be nothing else")
	}
	if j.Issuer.EgressSelectorType != "" {
		bad("issuer.egressSelectorType", "egress selectors are not supported")
	}
	if ca := j.Issuer.CertificateAuthority; ca != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(ca)) {
		bad("issuer.certificateAuthority", "it holds no certificate")
	}
	m := &j.ClaimMappings
	if (m.Username.Claim == "") == (m.Username.Expression == "") {
		bad("claimMappings.username", "claim or expression is required, and not both")
	}
	for field, c := range map[string]PrefixedClaim{"claimMappings.username": m.Username, "claimMappings.groups": m.Groups} {
		switch {
		case c.Expression != "" && (c.Claim != "" || c.Prefix != nil):
			bad(field, "claim and prefix may not be set where there is an expression")
		case c.Claim != "" && c.Prefix == nil:
			bad(field+".prefix", "prefix is required when claim is set. It can be set to an empty string to disable prefixing")
		}
	}
	if m.UID.Claim != "" && m.UID.Expression != "" {
		bad("claimMappings.uid", "claim and expression may not both be set")
	}
	j.validateEmail(bad)
	return errors.Join(errs...)
}

// validateEmail: an address that nobody has verified is no name.
func (j *JWT) validateEmail(bad func(field, format string, args ...any)) {
	email := regexp.MustCompile(`claims\s*(\.\s*email|\[\s*["']email["']\s*\])([^_a-zA-Z0-9]|$)`)
	if !email.MatchString(j.ClaimMappings.Username.Expression) {
		return
	}
	texts := []string{j.ClaimMappings.Username.Expression}
	for _, e := range j.ClaimMappings.Extra {
		texts = append(texts, e.ValueExpression)
	}
	for _, r := range j.ClaimValidationRules {
		texts = append(texts, r.Expression)
	}
	verified := regexp.MustCompile(`email_verified`)
	if !slices.ContainsFunc(texts, verified.MatchString) {
		bad("claimMappings.username.expression", "claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression")
	}
}
