package subresource

import (
	"context"
	"errors"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// oracle is the stages that reviews ask.
type oracle struct {
	identity *Identity
	err      error
	asked    Access
	decision Decision
}

func (o *oracle) AuthenticateToken(context.Context, string, []string) (*Identity, error) {
	return o.identity, o.err
}

func (o *oracle) Authorize(_ context.Context, a Access) (Decision, string, error) {
	o.asked = a
	return o.decision, "because", o.err
}

func (o *oracle) RulesFor(context.Context, authenticationv1.UserInfo, string) (Rules, error) {
	return Rules{Incomplete: true}, o.err
}

func (o *oracle) handlers() map[string]*Handler {
	return Handlers(Config{Now: testClock, Authenticator: o, Authorizer: o, Rules: o, Tokens: TokenConfig{Audiences: []string{"api"}}})
}

func TestTokenReview(t *testing.T) {
	tests := []struct {
		name, token string
		oracle      oracle
		code        int
		err         string
		ok          bool
	}{
		{name: "no token", code: 400},
		{name: "unknown", token: "t", code: 201, err: "invalid bearer token"},
		{name: "refused", token: "t", oracle: oracle{err: errors.New("has expired")}, code: 201, err: "[invalid bearer token, has expired]"},
		{name: "known", token: "t", oracle: oracle{identity: &Identity{User: authenticationv1.UserInfo{Username: "u"}, Audiences: []string{"api"}}}, code: 201, ok: true},
		{name: "for others", token: "t", oracle: oracle{identity: &Identity{Audiences: []string{"vault"}}}, code: 500},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			c := call("", nil)
			c.Object = &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: tc.token}}
			obj, err := tc.oracle.handlers()["tokenreviews.authentication.k8s.io"].Create(context.Background(), c)
			if code, _ := statusOf(err); code != tc.code {
				t.Fatal(err)
			}
			if err != nil {
				return
			}
			if s := obj.(*authenticationv1.TokenReview).Status; s.Error != tc.err || s.Authenticated != tc.ok {
				t.Errorf("status %+v", s)
			}
		})
	}
}

func TestAccessReviews(t *testing.T) {
	const pre = `.authorization.k8s.io "" is invalid: `
	res := func(ns string) *authorizationv1.ResourceAttributes {
		return &authorizationv1.ResourceAttributes{Verb: "get", Resource: "pods", Namespace: ns}
	}
	path := &authorizationv1.NonResourceAttributes{Path: "/", Verb: "get"}
	type spec = authorizationv1.SubjectAccessReviewSpec
	sar := func(s spec) runtime.Object { return &authorizationv1.SubjectAccessReview{Spec: s} }
	local := func(s spec) runtime.Object {
		return &authorizationv1.LocalSubjectAccessReview{ObjectMeta: metav1.ObjectMeta{Namespace: "ns"}, Spec: s}
	}
	tests := []struct {
		name    string
		obj     runtime.Object
		message string
	}{
		{"fine", sar(spec{User: "u", ResourceAttributes: res("")}), ""},
		{"groups are enough", sar(spec{Groups: []string{"g"}, NonResourceAttributes: path}), ""},
		{"nothing", sar(spec{}), pre + `[spec: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]`},
		{"both", sar(spec{User: "u", ResourceAttributes: res(""), NonResourceAttributes: path}), pre + `spec: Invalid value: {"Path":"/","Verb":"get"}: exactly one of nonResourceAttributes or resourceAttributes must be specified`},
		{"named", &authorizationv1.SubjectAccessReview{ObjectMeta: metav1.ObjectMeta{Name: "x"}, Spec: spec{User: "u", NonResourceAttributes: path}}, pre + `metadata: Invalid value: {"name":"x"}: must be empty`},
		{"local", local(spec{User: "u", ResourceAttributes: res("ns")}), ""},
		{"local elsewhere", local(spec{User: "u", ResourceAttributes: res("other")}), pre + `spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace`},
		{"local path", local(spec{User: "u", NonResourceAttributes: path}), pre + `spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: disallowed on this kind of request`},
		{"self", &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: res("")}}, ""},
		{"empty selector", sar(spec{User: "u", ResourceAttributes: &authorizationv1.ResourceAttributes{FieldSelector: &authorizationv1.FieldSelectorAttributes{}}}),
			pre + `spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required`},
		{"two forms", sar(spec{User: "u", ResourceAttributes: &authorizationv1.ResourceAttributes{LabelSelector: &authorizationv1.LabelSelectorAttributes{RawSelector: "a=b", Requirements: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Exists"}}}}}),
			pre + `spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`},
	}
	keys := map[string]string{"*v1.SubjectAccessReview": "subjectaccessreviews", "*v1.LocalSubjectAccessReview": "localsubjectaccessreviews", "*v1.SelfSubjectAccessReview": "selfsubjectaccessreviews"}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			o := &oracle{decision: Allow}
			c := call("", nil)
			c.Object = tc.obj
			c.Request.User.Username = "me"
			_, err := o.handlers()[keys[typeName(tc.obj)]+".authorization.k8s.io"].Create(context.Background(), c)
			if _, message := statusOf(err); message != tc.message {
				t.Errorf("got %s\nwant %s", message, tc.message)
			}
			if want := map[bool]string{true: "me", false: "u"}[tc.name == "self"]; err == nil && o.asked.User.Username != want && len(o.asked.User.Groups) == 0 {
				t.Errorf("asked about %q", o.asked.User.Username)
			}
		})
	}
}

func typeName(obj runtime.Object) string {
	switch obj.(type) {
	case *authorizationv1.LocalSubjectAccessReview:
		return "*v1.LocalSubjectAccessReview"
	case *authorizationv1.SelfSubjectAccessReview:
		return "*v1.SelfSubjectAccessReview"
	}
	return "*v1.SubjectAccessReview"
}

func TestAccessSelectors(t *testing.T) {
	type F = authorizationv1.FieldSelectorAttributes
	type L = authorizationv1.LabelSelectorAttributes
	tests := []struct {
		name           string
		f              *F
		l              *L
		fields, labels int
		problem        string
	}{
		{name: "raw", f: &F{RawSelector: "spec.nodeName=a"}, l: &L{RawSelector: "a in (b,c),d"}, fields: 1, labels: 2},
		{name: "bad raw label", f: &F{RawSelector: "=="}, l: &L{RawSelector: "!!"}, problem: "spec.resourceAttributes.labelSelector ignored due to parse error"},
		{name: "odd operator", f: &F{Requirements: []metav1.FieldSelectorRequirement{{Key: "a", Operator: "Gt", Values: []string{"1"}}}}, problem: "spec.resourceAttributes.fieldSelector ignored due to parse error"},
		{name: "partly", f: &F{Requirements: []metav1.FieldSelectorRequirement{{Key: "a", Operator: "In", Values: []string{"1"}}, {Key: "a", Operator: "Exists"}}}, fields: 1, problem: "spec.resourceAttributes.fieldSelector partially ignored due to parse error"},
		{name: "requirements", l: &L{Requirements: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Exists"}}}, labels: 1},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			o := &oracle{}
			c := call("", nil)
			c.Object = &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{FieldSelector: tc.f, LabelSelector: tc.l}}}
			obj, err := o.handlers()["selfsubjectaccessreviews.authorization.k8s.io"].Create(context.Background(), c)
			if err != nil {
				t.Fatal(err)
			}
			if s := obj.(*authorizationv1.SelfSubjectAccessReview).Status; s.EvaluationError != tc.problem || s.Reason != "because" {
				t.Errorf("status %+v", s)
			}
			if len(o.asked.Fields) != tc.fields || len(o.asked.Labels) != tc.labels {
				t.Errorf("asked %v %v", o.asked.Fields, o.asked.Labels)
			}
		})
	}
}

func TestSelfReviews(t *testing.T) {
	o := &oracle{err: errors.New("role is missing")}
	c := call("", nil)
	c.Request.User.Username = "me"
	c.Object = &authenticationv1.SelfSubjectReview{Status: authenticationv1.SelfSubjectReviewStatus{UserInfo: authenticationv1.UserInfo{Username: "eve"}}}
	obj, err := o.handlers()["selfsubjectreviews.authentication.k8s.io"].Create(context.Background(), c)
	if err != nil || obj.(*authenticationv1.SelfSubjectReview).Status.UserInfo.Username != "me" {
		t.Errorf("%+v %v", obj, err)
	}
	rules := o.handlers()["selfsubjectrulesreviews.authorization.k8s.io"]
	c.Object = &authorizationv1.SelfSubjectRulesReview{}
	if _, msg := statusOf(createErr(rules, c)); msg != "no namespace on request" {
		t.Error(msg)
	}
	c.Object = &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: "ns"}}
	obj, err = rules.Create(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if s := obj.(*authorizationv1.SelfSubjectRulesReview).Status; s.EvaluationError != "role is missing" || !s.Incomplete || s.ResourceRules == nil || s.NonResourceRules == nil {
		t.Errorf("status %+v", s)
	}
}
