package policy

import (
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiservercel "k8s.io/apiserver/pkg/cel"

	"github.com/nave-k8s/nave/kinds/expression"
	"github.com/nave-k8s/nave/server/admit/eval"
)

// compiled is a policy whose expressions are ready to be evaluated.
type compiled struct {
	conditions    *eval.MatchConditions
	variables     []variable
	variablesType *apiservercel.DeclType // nil without variables
	validations   []validation
	annotations   []annotation
	mutations     []amendment
}

// program is one expression; err is why it cannot be evaluated.
type program struct {
	text    string
	program cel.Program
	err     error
}

type variable struct {
	name string
	program
}

type validation struct {
	program
	shown   string // the expression as messages show it
	message string
	reason  metav1.StatusReason
	said    *program // messageExpression
}

type annotation struct {
	key string
	program
}

// amendment is one mutation.
type amendment struct {
	patch admissionregistrationv1.PatchType
	program
}

// A compiler compiles the policies of a plugin. What policies without variables see is the same for all of them, and
// costly to make.
type compiler struct {
	mu    sync.Mutex
	plain *expression.Compiler
}

// of returns the compiled policy.
func (c *compiler) of(p *policy) *compiled {
	p.once.Do(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		p.compiled = c.compile(p)
	})
	return p.compiled
}

func (c *compiler) compile(p *policy) *compiled {
	if c.plain == nil {
		c.plain = expression.NewStoredCompiler(false)
	}
	with, out := c.plain, &compiled{}
	scope := expression.Scope{Params: p.paramKind != nil, Authorizer: true}
	out.conditions = eval.CompileConditions(c.plain, p.conditions, scope, p.fail)
	if len(p.variables) > 0 {
		with = expression.NewStoredCompiler(true)
		out.variablesType = with.VariablesType()
	}
	for _, v := range p.variables {
		ready, err := with.DefineProgram(v.Name, v.Expression, scope)
		out.variables = append(out.variables, variable{v.Name, program{v.Expression, ready, err}})
	}
	make := func(text string, scope expression.Scope) program {
		ready, _, err := with.Program(text, scope)
		return program{text, ready, err}
	}
	// Messages and annotations go to people who may not be told what others may do.
	quiet := scope
	quiet.Authorizer = false
	for _, v := range p.validations {
		one := validation{program: make(v.Expression, scope), shown: strings.TrimSpace(v.Expression), message: strings.TrimSpace(v.Message)}
		if v.Reason != nil {
			one.reason = *v.Reason
		}
		if v.MessageExpression != "" {
			said := make(v.MessageExpression, quiet)
			one.said = &said
		}
		out.validations = append(out.validations, one)
	}
	for _, a := range p.annotations {
		out.annotations = append(out.annotations, annotation{a.Key, make(a.ValueExpression, scope)})
	}
	scope.Patches = true
	for _, m := range p.mutations {
		one := amendment{patch: m.PatchType}
		switch {
		case m.PatchType == admissionregistrationv1.PatchTypeApplyConfiguration && m.ApplyConfiguration != nil:
			one.program = make(m.ApplyConfiguration.Expression, scope)
		case m.PatchType == admissionregistrationv1.PatchTypeJSONPatch && m.JSONPatch != nil:
			one.program = make(m.JSONPatch.Expression, scope)
		default:
			continue // validation lets none in
		}
		out.mutations = append(out.mutations, one)
	}
	return out
}
