// Package expression compiles the CEL expressions that objects hold, to refuse those that cannot work when
// they are written: of admission policies and webhooks (this file) and of device classes and
// claims (device.go). Nothing is evaluated here. Callers: validation in kinds. The texts of errors are those
// of kube-apiserver, which uses the same libraries.
package expression

import (
	"fmt"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/util/version"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
	"k8s.io/apiserver/pkg/cel/mutation"
)

// Scope says which of the optional names an expression of a policy sees.
type Scope struct {
	Params     bool // params
	Authorizer bool // authorizer
	Patches    bool // the types Object and JSONPatch
}

// A Compiler checks the expressions of one policy or webhook. It is made for one validation and not
// shared between goroutines; making one costs nothing until it compiles.
type Compiler struct {
	variables *apiservercel.DeclType // nil: the policy has no variables
	stored    bool
	envs      map[Scope]*cel.Env
}

// NewCompiler returns a compiler. With variables, expressions see those that Define added before.
func NewCompiler(variables bool) *Compiler {
	c := &Compiler{envs: map[Scope]*cel.Env{}}
	if variables {
		c.variables = apiservercel.NewObjectType("kubernetes.variables", map[string]*apiservercel.DeclField{})
	}
	return c
}

// always is the version in which what every expression sees was introduced.
func always() *version.Version { return version.MajorMinor(1, 0) }

func (c *Compiler) env(scope Scope) (*cel.Env, error) {
	if env := c.envs[scope]; env != nil {
		return env, nil
	}
	request, namespace := requestType(), namespaceType()
	options := []cel.EnvOption{
		cel.Variable("object", cel.DynType),
		cel.Variable("oldObject", cel.DynType),
		cel.Variable("namespaceObject", namespace.CelType()),
		cel.Variable("request", request.CelType()),
	}
	types := []*apiservercel.DeclType{namespace, request}
	if c.variables != nil {
		options = append(options, cel.Variable("variables", c.variables.CelType()))
		types = append(types, c.variables)
	}
	if scope.Params {
		options = append(options, cel.Variable("params", cel.DynType))
	}
	if scope.Authorizer {
		options = append(options,
			cel.Variable("authorizer", library.AuthorizerType),
			cel.Variable("authorizer.requestResource", library.ResourceCheckType))
	}
	set, err := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).Extend(
		environment.VersionedOptions{IntroducedVersion: always(), EnvOptions: options, DeclTypes: types},
		environment.StrictCostOpt,
	)
	if err == nil && scope.Patches {
		set, err = set.Extend(environment.VersionedOptions{IntroducedVersion: always(), EnvOptions: []cel.EnvOption{
			common.ResolverEnvOption(&mutation.DynamicTypeResolver{}),
			environment.UnversionedLib(library.JSONPatch),
		}})
	}
	if err != nil {
		return nil, err
	}
	if c.stored {
		c.envs[scope] = set.StoredExpressionsEnv()
	} else {
		c.envs[scope] = set.NewExpressionsEnv()
	}
	return c.envs[scope], nil
}

// Check returns what is wrong with an expression, "" for nothing. It must evaluate to one of the types;
// cel.AnyType among them accepts all.
func (c *Compiler) Check(text string, scope Scope, want ...*cel.Type) string {
	problem, _ := c.compile(text, scope, want)
	return problem
}

// Define checks the expression of a variable and makes the variable known to the expressions that follow,
// of unknown type if its expression is wrong.
func (c *Compiler) Define(name, text string, scope Scope) string {
	problem, output := c.compile(text, scope, []*cel.Type{cel.AnyType})
	c.variables.Fields[name] = apiservercel.NewDeclField(name, declared(output), true, nil, nil)
	return problem
}

func (c *Compiler) compile(text string, scope Scope, want []*cel.Type) (problem string, output *cel.Type) {
	env, err := c.env(scope)
	if err != nil {
		return fmt.Sprintf("unexpected error loading CEL environment: %v", err), nil
	}
	return compile(env, text, want)
}

func compile(env *cel.Env, text string, want []*cel.Type) (problem string, output *cel.Type) {
	ast, issues := env.Compile(text)
	if issues != nil {
		return "compilation failed: " + issues.String(), nil
	}
	output = ast.OutputType()
	for _, t := range want {
		if output.IsExactType(t) || cel.AnyType.IsExactType(t) {
			return "", output
		}
	}
	if len(want) == 1 {
		return fmt.Sprintf("must evaluate to %v but got %v", want[0], output), output
	}
	return fmt.Sprintf("must evaluate to one of %v but got %v", want, output), output
}

// declared is a type as a field of variables has it.
func declared(t *cel.Type) *apiservercel.DeclType {
	if t == nil {
		return apiservercel.DynType
	}
	switch t.Kind() {
	case cel.BoolKind:
		return apiservercel.BoolType
	case cel.BytesKind:
		return apiservercel.BytesType
	case cel.DoubleKind:
		return apiservercel.DoubleType
	case cel.DurationKind:
		return apiservercel.DurationType
	case cel.IntKind:
		return apiservercel.IntType
	case cel.NullTypeKind:
		return apiservercel.NullType
	case cel.StringKind:
		return apiservercel.StringType
	case cel.TimestampKind:
		return apiservercel.TimestampType
	case cel.UintKind:
		return apiservercel.UintType
	case cel.ListKind:
		return apiservercel.NewListType(declared(t.Parameters()[0]), -1)
	case cel.MapKind:
		return apiservercel.NewMapType(declared(t.Parameters()[0]), declared(t.Parameters()[1]), -1)
	}
	return apiservercel.DynType
}
