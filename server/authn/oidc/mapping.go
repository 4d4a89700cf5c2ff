package oidc

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	authenticationv1 "k8s.io/api/authentication/v1"
)

// mapping makes users of claims.
type mapping struct {
	*JWT
	username, groups, uid *program
	extra                 []*program // in the order of ClaimMappings.Extra
	claimRules            []*program // nil for those without an expression
	userRules             []*program
}

func newMapping(j *JWT, c *compilers) (*mapping, error) {
	m := &mapping{JWT: j}
	var errs []error
	add := func(env *cel.Env, field, text string, want ...*cel.Type) *program {
		p, err := compile(env, field, text, want...)
		if err != nil {
			errs = append(errs, err)
		}
		return p
	}
	m.username = add(c.claims, "claimMappings.username.expression", j.ClaimMappings.Username.Expression, cel.AnyType)
	m.groups = add(c.claims, "claimMappings.groups.expression", j.ClaimMappings.Groups.Expression, cel.AnyType)
	m.uid = add(c.claims, "claimMappings.uid.expression", j.ClaimMappings.UID.Expression, cel.AnyType)
	for i, e := range j.ClaimMappings.Extra {
		field := fmt.Sprintf("claimMappings.extra[%d]", i)
		if e.Key == "" || e.ValueExpression == "" {
			errs = append(errs, fmt.Errorf("%s: key and valueExpression are required", field))
		}
		m.extra = append(m.extra, add(c.claims, field+".valueExpression", e.ValueExpression, cel.AnyType))
	}
	for i, r := range j.ClaimValidationRules {
		field := fmt.Sprintf("claimValidationRules[%d]", i)
		if (r.Claim == "") == (r.Expression == "") {
			errs = append(errs, fmt.Errorf("%s: claim or expression is required, and not both", field))
		}
		m.claimRules = append(m.claimRules, add(c.claims, field+".expression", r.Expression, cel.BoolType))
	}
	for i, r := range j.UserValidationRules {
		field := fmt.Sprintf("userValidationRules[%d].expression", i)
		if r.Expression == "" {
			errs = append(errs, fmt.Errorf("%s: expression is required", field))
		}
		m.userRules = append(m.userRules, add(c.user, field, r.Expression, cel.BoolType))
	}
	return m, errors.Join(errs...)
}

// user makes the user, or says which rule the claims break.
func (m *mapping) user(ctx context.Context, claims map[string]any) (*authenticationv1.UserInfo, error) {
	u := &authenticationv1.UserInfo{}
	var err error
	if u.Username, err = m.name(ctx, claims); err != nil {
		return nil, err
	}
	if u.Groups, err = m.groupsOf(ctx, claims); err != nil {
		return nil, err
	}
	if u.UID, err = m.uidOf(ctx, claims); err != nil {
		return nil, err
	}
	for i, e := range m.ClaimMappings.Extra {
		v, err := m.extra[i].eval(ctx, "claims", claims)
		if err != nil {
			return nil, err
		}
		values, ok := texts(v)
		if !ok {
			return nil, fmt.Errorf("error evaluating extra claim expression: expected a string or an array of strings for key %q", e.Key)
		}
		if len(values) > 0 {
			if u.Extra == nil {
				u.Extra = map[string]authenticationv1.ExtraValue{}
			}
			u.Extra[e.Key] = values
		}
	}
	for i, r := range m.ClaimValidationRules {
		if r.Expression == "" {
			if have, ok := claims[r.Claim].(string); !ok || have != r.RequiredValue {
				return nil, fmt.Errorf("required claim %s value does not match: want %q", r.Claim, r.RequiredValue)
			}
			continue
		}
		if err := holds(ctx, m.claimRules[i], "claims", claims, r.Message); err != nil {
			return nil, err
		}
	}
	for i, r := range m.UserValidationRules {
		if err := holds(ctx, m.userRules[i], "user", userValue(u), r.Message); err != nil {
			return nil, err
		}
	}
	return u, nil
}

func holds(ctx context.Context, p *program, name string, value any, message string) error {
	v, err := p.eval(ctx, name, value)
	switch {
	case err != nil:
		return err
	case v == types.True:
		return nil
	case message != "":
		return fmt.Errorf("validation expression '%s' failed: %s", p.text, message)
	}
	return fmt.Errorf("validation expression '%s' failed", p.text)
}

func (m *mapping) name(ctx context.Context, claims map[string]any) (string, error) {
	c := &m.ClaimMappings.Username
	if m.username != nil {
		v, err := m.username.eval(ctx, "claims", claims)
		if err != nil {
			return "", err
		}
		name, ok := text(v)
		switch {
		case !ok:
			return "", fmt.Errorf("error evaluating username claim expression: expected a string, got %s", v.Type())
		case name == "":
			return "", errors.New("empty username via CEL expression is not allowed")
		}
		return name, nil
	}
	name, ok := claims[c.Claim].(string)
	if !ok {
		return "", fmt.Errorf("parse username claims %q: claim not present or no string", c.Claim)
	}
	if verified, there := claims["email_verified"]; c.Claim == "email" && there && verified != true {
		return "", errors.New("email not verified")
	}
	if name == "" {
		return "", fmt.Errorf("parse username claims %q: it is empty", c.Claim)
	}
	return *c.Prefix + name, nil
}

func (m *mapping) groupsOf(ctx context.Context, claims map[string]any) ([]string, error) {
	if m.groups != nil {
		v, err := m.groups.eval(ctx, "claims", claims)
		if err != nil {
			return nil, err
		}
		groups, ok := texts(v)
		if !ok {
			return nil, fmt.Errorf("error evaluating group claim expression: expected a string or an array of strings, got %s", v.Type())
		}
		return groups, nil
	}
	c := &m.ClaimMappings.Groups
	if c.Claim == "" {
		return nil, nil
	}
	value, there := claims[c.Claim]
	if names, _ := claims["_claim_names"].(map[string]any); !there && names[c.Claim] != nil {
		return nil, fmt.Errorf("the claim %q is distributed, which is not supported", c.Claim)
	}
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{*c.Prefix + v}, nil
	case []any:
		var out []string
		for _, g := range v {
			s, ok := g.(string)
			if !ok {
				return nil, fmt.Errorf("parse groups claim %q: it is no list of strings", c.Claim)
			}
			out = append(out, *c.Prefix+s)
		}
		return out, nil
	}
	return nil, fmt.Errorf("parse groups claim %q: it is neither a string nor a list of strings", c.Claim)
}

func (m *mapping) uidOf(ctx context.Context, claims map[string]any) (string, error) {
	c := &m.ClaimMappings.UID
	switch {
	case m.uid != nil:
		v, err := m.uid.eval(ctx, "claims", claims)
		if err != nil {
			return "", err
		}
		uid, ok := text(v)
		if !ok {
			return "", fmt.Errorf("error evaluating uid claim expression: expected a string, got %s", v.Type())
		}
		return uid, nil
	case c.Claim == "":
		return "", nil
	}
	uid, ok := claims[c.Claim].(string)
	if !ok {
		return "", fmt.Errorf("parse uid claim %q: claim not present or no string", c.Claim)
	}
	return uid, nil
}
