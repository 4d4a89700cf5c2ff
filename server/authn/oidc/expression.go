package oidc

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/util/version"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	authenticationv1 "k8s.io/api/authentication/v1"
)

// compilers know the names that expressions see: claims, or user.
type compilers struct{ claims, user *cel.Env }

func newCompilers() (*compilers, error) {
	env := func(name string, t *apiservercel.DeclType) (*cel.Env, error) {
		set, err := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).Extend(environment.VersionedOptions{
			IntroducedVersion: version.MajorMinor(1, 0),
			EnvOptions:        []cel.EnvOption{cel.Variable(name, t.CelType())}, DeclTypes: []*apiservercel.DeclType{t},
		})
		if err != nil {
			return nil, err
		}
		return set.StoredExpressionsEnv(), nil
	}
	text := apiservercel.StringType
	texts := apiservercel.NewListType(text, -1)
	fields := map[string]*apiservercel.DeclField{}
	for name, t := range map[string]*apiservercel.DeclType{
		"username": text, "uid": text, "groups": texts, "extra": apiservercel.NewMapType(text, texts, -1),
	} {
		fields[name] = apiservercel.NewDeclField(name, t, false, nil, nil)
	}
	claims, err := env("claims", apiservercel.NewMapType(text, apiservercel.AnyType, -1))
	if err != nil {
		return nil, err
	}
	user, err := env("user", apiservercel.NewObjectType("kubernetes.UserInfo", fields))
	return &compilers{claims: claims, user: user}, err
}

// program is a compiled expression; nil for none.
type program struct {
	text string
	cel.Program
}

func compile(env *cel.Env, field, text string, want ...*cel.Type) (*program, error) {
	if text == "" {
		return nil, nil
	}
	ast, issues := env.Compile(text)
	if issues != nil {
		return nil, fmt.Errorf("%s: compilation failed: %s", field, issues)
	}
	if !slices.ContainsFunc(want, func(t *cel.Type) bool { return t == cel.AnyType || t.IsExactType(ast.OutputType()) }) {
		return nil, fmt.Errorf("%s: must evaluate to one of %v", field, want)
	}
	p, err := env.Program(ast)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", field, err)
	}
	return &program{text, p}, nil
}

func (p *program) eval(ctx context.Context, name string, value any) (ref.Val, error) {
	v, _, err := p.ContextEval(ctx, map[string]any{name: value})
	if err != nil {
		return nil, fmt.Errorf("expression '%s' resulted in error: %w", p.text, err)
	}
	return v, nil
}

// text is the value as a string; ok is false for another type. null is "" where none says so.
func text(v ref.Val) (string, bool) {
	s, ok := v.(types.String)
	return string(s), ok
}

// texts is a string, a list of strings, or nothing (null, "").
func texts(v ref.Val) (out []string, ok bool) {
	switch x := v.(type) {
	case types.Null:
		return nil, true
	case types.String:
		if x == "" {
			return nil, true
		}
		return []string{string(x)}, true
	case traits.Lister:
		for it := x.Iterator(); it.HasNext() == types.True; {
			s, ok := it.Next().(types.String)
			if !ok {
				return nil, false
			}
			if s != "" {
				out = append(out, string(s))
			}
		}
		return out, true
	}
	return nil, false
}

// userValue is a user as expressions see it.
func userValue(u *authenticationv1.UserInfo) map[string]any {
	extra := map[string]any{}
	for k, v := range u.Extra {
		extra[k] = []string(v)
	}
	groups := u.Groups
	if groups == nil {
		groups = []string{}
	}
	return map[string]any{"username": u.Username, "uid": u.UID, "groups": groups, "extra": extra}
}
