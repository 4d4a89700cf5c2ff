package policy

import (
	"context"
	"reflect"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit/eval"
	"github.com/nave-k8s/nave/server/admit/match"
)

const denied = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "

func TestValidating(t *testing.T) {
	limits := configMap("limits", map[string]string{"max": "3"})
	limits.Labels = map[string]string{"role": "limit"}
	more := configMap("more", map[string]string{"max": "9"})
	more.Labels = limits.Labels
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node"}}
	const sized = "paramKind: {apiVersion: v1, kind: ConfigMap}\nvalidations: [{expression: 'object.metadata.name.size() <= int(params.data.max)', messageExpression: 'params.kind + params.metadata.name'}]"
	for _, test := range []struct {
		name, policy, binding string
		want                  string // the end of the message, "" for allowed
		code                  int32  // 422 if not given
		warning               string
		annotations           map[string]string
	}{
		{name: "holds", policy: "validations: [{expression: 'object.kind == \"ConfigMap\" && oldObject == null && request.userInfo.username == \"ann\"'}]"},
		{name: "denies", policy: "validations: [{expression: ' false '}]", want: denied + "failed expression: false"},
		{name: "reason", policy: "validations: [{expression: 'false', message: m, reason: Forbidden}]", want: denied + "m", code: 403},
		{name: "says", policy: "validations: [{expression: 'false', message: m, messageExpression: \"' no ' + namespaceObject.metadata.labels.team\"}]", want: denied + "no red"},
		{name: "says nothing", policy: "validations: [{expression: 'false', message: m, messageExpression: \"' '\"}]", want: denied + "m"},
		{name: "cannot say", policy: "validations: [{expression: 'false', messageExpression: 'string(object.none)'}]", want: denied + "failed expression: false"},
		{name: "fails", policy: "validations: [{expression: 'object.none == 1'}]", want: denied + "expression 'object.none == 1' resulted in error: no such key: none"},
		{name: "fails and is ignored", policy: "failurePolicy: Ignore\nvalidations: [{expression: 'object.none == 1'}]"},
		{name: "ignored failures do not hide denials", policy: "failurePolicy: Ignore\nvalidations: [{expression: 'object.none == 1'}, {expression: 'false'}]", want: denied + "failed expression: false"},
		{name: "conditions", policy: "matchConditions: [{name: a, expression: 'object.metadata.name == \"other\"'}]\nvalidations: [{expression: 'false'}]"},
		{name: "variables", policy: "variables: [{name: a, expression: 'object.metadata.name'}, {name: b, expression: 'variables.a + \"!\"'}]\nvalidations: [{expression: 'false', messageExpression: variables.b}]", want: denied + "name!"},
		{name: "a variable fails", policy: "variables: [{name: a, expression: 'object.none'}]\nvalidations: [{expression: 'variables.a == 1'}]",
			want: denied + "expression 'variables.a == 1' resulted in error: composited variable \"a\" fails to evaluate: no such key: none"},
		{name: "one expression is too costly", policy: "variables: [{name: a, expression: '[1,2,3,4,5,6,7,8,9,10]'}, {name: b, expression: 'variables.a.map(x, variables.a.map(y, variables.a.map(z, variables.a.map(u, variables.a.map(v, variables.a)))))'}]\nvalidations: [{expression: 'variables.b.size() > 0'}]",
			want: denied + `expression 'variables.b.size() > 0' resulted in error: composited variable "b" fails to evaluate: operation cancelled: actual cost limit exceeded`},
		{name: "authorizer", policy: "validations: [{expression: 'authorizer.requestResource.check(\"frob\").allowed()'}]", want: denied + "failed expression: authorizer.requestResource.check(\"frob\").allowed()"},
		{name: "warns", policy: "validations: [{expression: 'false', message: m}]", binding: "validationActions: [Warn]", warning: "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': m"},
		{name: "audits", policy: "validations: [{expression: 'true'}, {expression: 'false', message: m}]", binding: "validationActions: [Audit]",
			annotations: map[string]string{failuresKey: `[{"message":"m","policy":"p","binding":"b","expressionIndex":1,"validationActions":["Audit"]}]`}},
		{name: "audit annotations", policy: "auditAnnotations: [{key: k, valueExpression: \"'v ' + object.metadata.name\"}, {key: none, valueExpression: 'null'}]", annotations: map[string]string{"p/k": "v name"}},
		{name: "audit annotations fail", policy: "auditAnnotations: [{key: k, valueExpression: 'string(object.none)'}]", binding: "validationActions: [Audit]", want: denied + "expression 'string(object.none)' resulted in error: no such key: none"},
		{name: "the binding is about others", policy: "validations: [{expression: 'false'}]", binding: "validationActions: [Deny]\nmatchResources: {namespaceSelector: {matchLabels: {team: blue}}}"},
		{name: "excluded by name", policy: "validations: [{expression: 'false'}]", binding: "validationActions: [Deny]\nmatchResources: {excludeResourceRules: [{resourceNames: [name], apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}]}"},
		{name: "no param wanted", policy: sized, want: denied + "expression 'object.metadata.name.size() <= int(params.data.max)' resulted in error: no such key: data"},
		{name: "param by name", policy: sized, binding: "validationActions: [Deny]\nparamRef: {name: limits, parameterNotFoundAction: Deny}", want: denied + "ConfigMaplimits"},
		{name: "params by label", policy: sized, binding: "validationActions: [Deny]\nparamRef: {selector: {matchLabels: {role: limit}}, parameterNotFoundAction: Deny}", want: denied + "ConfigMaplimits"},
		{name: "no such param", policy: sized, binding: "validationActions: [Deny]\nparamRef: {name: none, parameterNotFoundAction: Allow}"},
		{name: "param missing", policy: sized, binding: "validationActions: [Deny]\nparamRef: {name: none, parameterNotFoundAction: Deny}", want: denied + "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"},
		{name: "cluster param", policy: "paramKind: {apiVersion: v1, kind: Node}\nvalidations: [{expression: 'params.metadata.name != \"node\"', message: m}]", binding: "validationActions: [Deny]\nparamRef: {name: node}", want: denied + "m"},
		{name: "cluster param with a namespace", policy: "paramKind: {apiVersion: v1, kind: Node}\nvalidations: [{expression: 'true'}]", binding: "validationActions: [Deny]\nparamRef: {name: node, namespace: ns}",
			want: denied + "failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`"},
		{name: "no such kind of params", policy: "paramKind: {apiVersion: x/v1, kind: Nope}\nvalidations: [{expression: 'true'}]",
			want: "ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'x/v1, Kind=Nope'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, world := config(t)
			world.Put(limits, more, node)
			if test.binding == "" {
				test.binding = "validationActions: [Deny]"
			}
			world.Put(bind(t, "b", test.binding), validate(t, "p", everything+test.policy))
			a := create(configMap("name", nil))
			err := NewValidating(c).Review(context.Background(), a)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
			} else {
				code := test.code
				if code == 0 {
					code = 422
				}
				status, ok := err.(apierrors.APIStatus)
				if !ok || status.Status().Message != `configmaps "name" is forbidden: `+test.want || status.Status().Code != code || status.Status().Details.Causes[0].Message != test.want {
					t.Fatalf("got %v\nwant %s", err, test.want)
				}
			}
			if got := strings.Join(a.Request.Warnings(), "|"); got != test.warning {
				t.Errorf("warnings %q", got)
			}
			if !reflect.DeepEqual(a.Request.Annotations, test.annotations) {
				t.Errorf("annotations %q", a.Request.Annotations)
			}
		})
	}
}

func validate(t *testing.T, name, text string) kinds.Object {
	p := &admissionregistrationv1.ValidatingAdmissionPolicy{}
	return parse(t, text, name, p, &p.Spec)
}

func bind(t *testing.T, name, text string) kinds.Object {
	b := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{}
	b.Spec.PolicyName = "p"
	return parse(t, text, name, b, &b.Spec)
}

// TestPolicyCounts from the first write after it is bound to the last before either is gone.
func TestPolicyCounts(t *testing.T) {
	c, world := config(t)
	plugin := NewValidating(c)
	refused := func() bool { return plugin.Review(context.Background(), create(configMap("name", nil))) != nil }
	b, p := bind(t, "b", "validationActions: [Deny]"), validate(t, "p", everything+"validations: [{expression: 'false'}]")
	for i, step := range []struct {
		do   func()
		want bool
	}{
		{func() {}, false},
		{func() { world.Put(b) }, false},
		{func() { world.Put(p) }, true},
		{func() { world.Put(validate(t, "p", everything+"validations: [{expression: 'true'}]")) }, false},
		{func() { world.Put(p) }, true},
		{func() { world.Remove(b) }, false},
		{func() { world.Put(b) }, true},
		{func() { world.Remove(p) }, false},
	} {
		if step.do(); refused() != step.want {
			t.Errorf("step %d: refused is %v", i, !step.want)
		}
	}
}

// TestExempt: a policy that refuses everything can be corrected.
func TestExempt(t *testing.T) {
	c, world := config(t)
	p := validate(t, "p", everything+"validations: [{expression: 'false'}]")
	world.Put(bind(t, "b", "validationActions: [Deny]"), p)
	if err := NewValidating(c).Review(context.Background(), create(p)); err != nil {
		t.Error(err)
	}
}

// TestLateParam: a param of another server is waited for before a write is refused.
func TestLateParam(t *testing.T) {
	c, world := config(t)
	world.Put(bind(t, "b", "validationActions: [Deny]\nparamRef: {name: late, parameterNotFoundAction: Deny}"),
		validate(t, "p", everything+"paramKind: {apiVersion: v1, kind: ConfigMap}\nvalidations: [{expression: 'params.metadata.name == \"late\"'}]"))
	world.OnSync = func() { world.Put(configMap("late", nil)) }
	if err := NewValidating(c).Review(context.Background(), create(configMap("name", nil))); err != nil || world.Syncs != 1 {
		t.Errorf("%v, %d syncs", err, world.Syncs)
	}
}

// TestBudget: what variables cost is taken from the budget of the expressions that use them.
func TestBudget(t *testing.T) {
	c, _ := config(t)
	ctx := context.Background()
	p, err := readValidating(validate(t, "p", everything+"variables: [{name: a, expression: '[1,2,3].map(x, x + 1)'}]\nvalidations: [{expression: 'variables.a.size() == 3'}]"))
	if err != nil {
		t.Fatal(err)
	}
	ready := new(compiler).of(p)
	a := create(configMap("name", nil))
	w := c.write(a)
	n, err := w.names(w.view(match.Of(a)), nil)
	if err != nil {
		t.Fatal(err)
	}
	e := n.evaluation(ctx, ready, 1000)
	first := &ready.validations[0].program
	if _, err := e.run(first); err != nil {
		t.Fatal(err)
	}
	whole := 1000 - e.budget
	if _, err := e.run(first); err != nil {
		t.Fatal(err)
	}
	if again := 1000 - whole - e.budget; again >= whole || again <= 0 {
		t.Errorf("first %d, then %d: the variable is to be paid once", whole, again)
	}
	if _, err := n.evaluation(ctx, ready, whole-1).run(first); err != eval.ErrBudget {
		t.Errorf("got %v", err)
	}
}
