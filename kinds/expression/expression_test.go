package expression

import (
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
)

func TestPolicyExpressions(t *testing.T) {
	all := Scope{Params: true, Authorizer: true}
	for _, test := range []struct {
		text  string
		scope Scope
		want  []*cel.Type
		err   string // the beginning
	}{
		{"object.spec.replicas < 5", all, []*cel.Type{cel.BoolType}, ""},
		{"authorizer.group('').resource('pods').check('get').allowed()", all, []*cel.Type{cel.BoolType}, ""},
		{"quantity('1Gi').isGreaterThan(quantity('1Mi'))", all, []*cel.Type{cel.BoolType}, ""},
		{"1 + 1", all, []*cel.Type{cel.BoolType}, "must evaluate to bool but got int"},
		{"true", all, []*cel.Type{cel.StringType, cel.NullType}, "must evaluate to one of [string null_type] but got bool"},
		{"params.x == 1", Scope{}, []*cel.Type{cel.BoolType}, "compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')"},
		{"request.nosuch == 'x'", all, []*cel.Type{cel.BoolType}, "compilation failed: ERROR: <input>:1:8: undefined field 'nosuch'"},
		{"[JSONPatch{op: 'add', path: '/a', value: 1}]", Scope{Patches: true}, []*cel.Type{cel.ListType(cel.ObjectType("JSONPatch"))}, ""},
		{"[1]", Scope{Patches: true}, []*cel.Type{cel.ListType(cel.ObjectType("JSONPatch"))}, "must evaluate to list(JSONPatch) but got list(int)"},
	} {
		got := NewCompiler(false).Check(test.text, test.scope, test.want...)
		if (got == "") != (test.err == "") || !strings.HasPrefix(got, test.err) {
			t.Errorf("%s: %q, want %q", test.text, got, test.err)
		}
	}
}

func TestVariablesSeeThoseBefore(t *testing.T) {
	c := NewCompiler(true)
	if got := c.Define("a", "variables.b", Scope{}); !strings.Contains(got, "undefined field 'b'") {
		t.Errorf("a variable that comes later: %q", got)
	}
	if got := c.Define("b", "1", Scope{}); got != "" {
		t.Error(got)
	}
	if got := c.Define("c", "variables.b + 1", Scope{}); got != "" {
		t.Error(got)
	}
	if got := c.Check("variables.c == 'x'", Scope{}, cel.BoolType); !strings.Contains(got, "no matching overload for '_==_' applied to '(int, string)'") {
		t.Errorf("an int compared with a text: %q", got)
	}
}
