package eval

import (
	"context"
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds/expression"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
	"github.com/nave-k8s/nave/server/admit/match"
	"github.com/nave-k8s/nave/server/admit/view"
)

type grants map[string]bool

func (g grants) Allowed(_ context.Context, u authenticationv1.UserInfo, r authorizationv1.ResourceAttributes) (bool, string, error) {
	return g[u.Username+" "+r.Verb+" "+r.Namespace+"/"+r.Resource+"/"+r.Subresource+"/"+r.Name], "", nil
}

func (g grants) AllowedPath(_ context.Context, u authenticationv1.UserInfo, verb, path string) (bool, string, error) {
	return g[u.Username+" "+verb+" "+path], "", nil
}

func TestConditions(t *testing.T) {
	obj := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "a", Labels: map[string]string{"x": "y"}}, Data: map[string]string{"k": "v"}}
	write := admittest.By(admittest.Write(admit.Create, obj, nil), "u", "g")
	for _, test := range []struct {
		name       string
		conditions []string
		ignore     bool
		want       bool
		err        string
	}{
		{"none", nil, false, true, ""},
		{"object", []string{"object.data.k == 'v' && object.metadata.labels['x'] == 'y' && object.kind == 'ConfigMap'"}, false, true, ""},
		{"no old object", []string{"oldObject == null"}, false, true, ""},
		{"request", []string{"request.name == 'a' && request.namespace == 'ns' && request.operation == 'CREATE' && request.userInfo.username == 'u' && 'g' in request.userInfo.groups"}, false, true, ""},
		{"what is empty is absent", []string{"!has(request.subResource) && !has(request.requestSubResource)"}, false, true, ""},
		{"kinds", []string{"request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps' && request.options.kind == 'CreateOptions' && !request.dryRun"}, false, true, ""},
		{"authorizer", []string{"authorizer.group('').resource('pods').namespace('ns').name('p').check('get').allowed()"}, false, true, ""},
		{"authorizer of paths", []string{"authorizer.path('/healthz').check('get').allowed() && !authorizer.path('/metrics').check('get').allowed()"}, false, true, ""},
		{"the resource of the request", []string{"authorizer.requestResource.check('frob').allowed()"}, false, true, ""},
		{"a service account", []string{"authorizer.serviceAccount('ns', 'sa').requestResource == null"}, false, false, "compilation failed"},
		{"one is false", []string{"true", "false"}, false, false, ""},
		{"false beats an error", []string{"object.data.none == 'x'", "false"}, false, false, ""},
		{"error", []string{"object.data.none == 'x'"}, false, false, "expression 'object.data.none == 'x'' resulted in error: no such key: none"},
		{"error ignored", []string{"object.data.none == 'x'"}, true, false, ""},
		{"does not compile", []string{"nope"}, false, false, "compilation failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var conditions []admissionregistrationv1.MatchCondition
			for _, text := range test.conditions {
				conditions = append(conditions, admissionregistrationv1.MatchCondition{Name: "c", Expression: text})
			}
			compiled := CompileConditions(expression.NewStoredCompiler(false), conditions, expression.Scope{Authorizer: true}, !test.ignore)
			names, err := Of(view.Of(write, match.Of(write)))
			if err != nil {
				t.Fatal(err)
			}
			names.AddAuthorizer(grants{"u get ns/pods//p": true, "u get /healthz": true, "u frob ns/configmaps//a": true}, write)
			got, err := compiled.Match(context.Background(), names)
			if got != test.want || err != nil && (test.err == "" || !strings.HasPrefix(err.Error(), test.err)) || err == nil && test.err != "" {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	program, _, err := expression.NewStoredCompiler(false).Program("[1,2,3].all(x, x > 0)", expression.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	budget := Budget(1)
	if _, err := Run(context.Background(), program, "t", Names{}, &budget); err != ErrBudget {
		t.Errorf("got %v", err)
	}
	budget = 1000
	if _, err := Run(context.Background(), program, "t", Names{}, &budget); err != nil || budget >= 1000 {
		t.Errorf("got %v, %d left", err, budget)
	}
}
