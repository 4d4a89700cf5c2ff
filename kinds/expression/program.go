package expression

import (
	"errors"

	"github.com/google/cel-go/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

// checkFrequency is after how many steps of a loop an evaluation looks whether its context has ended.
const checkFrequency = 100

// NewStoredCompiler returns a compiler for expressions that are stored, to be evaluated. It knows all that any
// server of the cluster may have accepted.
func NewStoredCompiler(variables bool) *Compiler {
	c := NewCompiler(variables)
	c.stored = true
	return c
}

// Program makes an expression ready to be evaluated, and returns its type.
func (c *Compiler) Program(text string, scope Scope) (cel.Program, *cel.Type, error) {
	env, err := c.env(scope)
	if err != nil {
		return nil, nil, err
	}
	ast, issues := env.Compile(text)
	if issues != nil {
		return nil, nil, errors.New("compilation failed: " + issues.String())
	}
	program, err := env.Program(ast, cel.InterruptCheckFrequency(checkFrequency))
	if err != nil {
		return nil, nil, errors.New("instantiation failed: " + err.Error())
	}
	return program, ast.OutputType(), nil
}

// DefineProgram makes the expression of a variable ready, and the variable known to the expressions that follow.
func (c *Compiler) DefineProgram(name, text string, scope Scope) (cel.Program, error) {
	program, output, err := c.Program(text, scope)
	c.variables.Fields[name] = apiservercel.NewDeclField(name, declared(output), true, nil, nil)
	return program, err
}

// VariablesType is the type of the name "variables".
func (c *Compiler) VariablesType() *apiservercel.DeclType { return c.variables }
