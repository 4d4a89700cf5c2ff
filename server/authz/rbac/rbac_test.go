package rbac

import (
	"context"
	"fmt"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/request"
)

func rule(verbs, groups, resources string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: strings.Split(verbs, ","), APIGroups: strings.Split(groups, ","), Resources: strings.Split(resources, ","), ResourceNames: names}
}

func role(name string, rules ...rbacv1.PolicyRule) *rbacv1.Role {
	return &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}, Rules: rules}
}

func bind(name, kind, to string, subjects ...rbacv1.Subject) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: to}, Subjects: subjects,
	}
}

func user(name string) rbacv1.Subject { return rbacv1.Subject{Kind: "User", Name: name} }

func TestAuthorize(t *testing.T) {
	z := New()
	z.Apply(role("reader", rule("get,list", "", "configmaps,pods/log"), rule("get", "", "secrets", "a")), false)
	z.Apply(role("scaler", rule("update", "*", "*/scale")), false)
	z.Apply(bind("b", "Role", "reader", user("alice"), rbacv1.Subject{Kind: "ServiceAccount", Name: "robot"}), false)
	z.Apply(bind("c", "Role", "scaler", rbacv1.Subject{Kind: "Group", Name: "ops"}), false)
	z.Apply(bind("d", "Role", "missing", user("bob")), false)
	z.Apply(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "health"}, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz", "/livez/*"}}}}, false)
	z.Apply(&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "h"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "health"}, Subjects: []rbacv1.Subject{user("alice")}}, false)
	for _, c := range []struct {
		user, groups, verb, group, plural, sub, ns, name, path string
		reason                                                 string // of an allowance, or ""
	}{
		{user: "alice", verb: "list", plural: "configmaps", ns: "ns", reason: `RBAC: allowed by RoleBinding "b/ns" of Role "reader" to User "alice"`},
		{user: "alice", verb: "list", plural: "configmaps", ns: "other"},
		{user: "alice", verb: "get", plural: "pods", ns: "ns"},
		{user: "alice", verb: "get", plural: "pods", sub: "log", ns: "ns", reason: `RBAC: allowed by RoleBinding "b/ns" of Role "reader" to User "alice"`},
		{user: "alice", verb: "get", plural: "secrets", ns: "ns", name: "a", reason: `RBAC: allowed by RoleBinding "b/ns" of Role "reader" to User "alice"`},
		{user: "alice", verb: "get", plural: "secrets", ns: "ns", name: "b"},
		{user: "system:serviceaccount:ns:robot", verb: "get", plural: "configmaps", ns: "ns", reason: `RBAC: allowed by RoleBinding "b/ns" of Role "reader" to ServiceAccount "robot/ns"`},
		{user: "eve", groups: "dev,ops", verb: "update", group: "apps", plural: "deployments", sub: "scale", ns: "ns", reason: `RBAC: allowed by RoleBinding "c/ns" of Role "scaler" to Group "ops"`},
		{user: "eve", groups: "dev,ops", verb: "update", group: "apps", plural: "deployments", ns: "ns"},
		{user: "alice", verb: "get", path: "/livez/etcd", reason: `RBAC: allowed by ClusterRoleBinding "h" of ClusterRole "health" to User "alice"`},
		{user: "alice", verb: "get", path: "/livez"},
	} {
		a := request.Attributes{
			User: authenticationv1.UserInfo{Username: c.user, Groups: strings.Split(c.groups, ",")}, Verb: c.verb, Resource: c.path == "", Path: c.path,
			Group: c.group, Plural: c.plural, Subresource: c.sub, Namespace: c.ns, Name: c.name,
		}
		decision, reason, err := z.Authorize(context.Background(), a)
		if err != nil || (decision == authz.Allow) != (c.reason != "") || reason != c.reason {
			t.Errorf("%+v: got %v %q %v", c, decision, reason, err)
		}
	}
	_, reason, _ := z.Authorize(context.Background(), request.Attributes{User: authenticationv1.UserInfo{Username: "bob"}, Verb: "get", Resource: true, Plural: "pods", Namespace: "ns"})
	if want := `RBAC: role.rbac.authorization.k8s.io "missing" not found`; reason != want {
		t.Errorf("a missing role: got %q", reason)
	}
}

func TestEscalation(t *testing.T) {
	z := New()
	z.Apply(role("boss", rule("create,update", rbacv1.GroupName, "roles,rolebindings"), rule("get,list", "", "configmaps")), false)
	z.Apply(role("big", rule("get,delete", "", "configmaps,secrets")), false)
	z.Apply(role("bindable", rule("*", "*", "*")), false)
	z.Apply(role("binder", rule("bind", rbacv1.GroupName, "roles", "bindable")), false)
	z.Apply(bind("b", "Role", "boss", user("alice")), false)
	z.Apply(bind("c", "Role", "binder", user("alice")), false)
	e := Escalation{Rules: z, Authorizer: z}
	as := func(plural string) *request.Request {
		return &request.Request{User: authenticationv1.UserInfo{Username: "alice", Groups: []string{"dev"}}, Resource: plural, Namespace: "ns"}
	}
	ctx := context.Background()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a role within her rights": {e.GuardRole(ctx, as("roles"), role("r", rule("get", "", "configmaps", "x")), nil), ""},
		"a role beyond": {e.GuardRole(ctx, as("roles"), role("r", rule("get", "", "pods/*")), nil),
			"roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"alice\" (groups=[\"dev\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods/*\"], Verbs:[\"get\"]}"},
		"a label on a role beyond": {e.GuardRole(ctx, as("roles"), role("big", rule("*", "*", "*")), role("big", rule("*", "*", "*"))), ""},
		"a binding beyond": {e.GuardBinding(ctx, as("rolebindings"), bind("x", "Role", "big"), nil),
			"rolebindings.rbac.authorization.k8s.io \"x\" is forbidden: user \"alice\" (groups=[\"dev\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"configmaps\"], Verbs:[\"delete\"]}\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"delete\"]}"},
		"a binding to a missing role": {e.GuardBinding(ctx, as("rolebindings"), bind("x", "Role", "missing"), nil), `rolebindings.rbac.authorization.k8s.io "missing" not found`},
		"a binding she may bind":      {e.GuardBinding(ctx, as("rolebindings"), bind("x", "Role", "bindable"), nil), ""},
		"aggregation": {e.GuardRole(ctx, as("clusterroles"), &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "agg"}, AggregationRule: &rbacv1.AggregationRule{}}, nil),
			`clusterroles.rbac.authorization.k8s.io "agg" is forbidden: must have cluster-admin privileges to use an aggregationRule`},
	} {
		got := ""
		if c.err != nil {
			got = c.err.Error()
			if _, ok := c.err.(apierrors.APIStatus); !ok {
				t.Errorf("%s: %T is no status", name, c.err)
			}
		}
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// BenchmarkAuthorize decides in a cluster of ten thousand bindings.
func BenchmarkAuthorize(b *testing.B) {
	z := New()
	for i := range 1000 {
		z.Apply(&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("cr", i)}, Rules: []rbacv1.PolicyRule{
			rule("get,list,watch", "", "pods,configmaps,secrets,services"), rule("get,list,watch", "apps", "deployments,statefulsets"), rule("create", "batch", "jobs"),
		}}, false)
	}
	for i := range 10_000 {
		o := bind(fmt.Sprint("b", i), "ClusterRole", fmt.Sprint("cr", i%1000), user(fmt.Sprint("u", i%500)), rbacv1.Subject{Kind: "Group", Name: fmt.Sprint("g", i%100)})
		o.Namespace = fmt.Sprint("ns", i%200)
		z.Apply(o, false)
	}
	for name, a := range map[string]request.Attributes{
		"allowed": {Verb: "list", Resource: true, Plural: "pods", Namespace: "ns7"},
		"refused": {Verb: "delete", Resource: true, Plural: "pods", Namespace: "ns7"},
	} {
		a.User = authenticationv1.UserInfo{Username: "u7", Groups: []string{"g7", "g8", "system:authenticated"}}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := z.Authorize(context.Background(), a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
