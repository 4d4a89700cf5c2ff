package rbac

import (
	"slices"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/request"
)

func TestNearest(t *testing.T) {
	z := New()
	z.Apply(role("reader", rule("get,list", "", "pods"), rule("get", "", "secrets", "a", "b"), rule("get", "", "pods/log")), false)
	z.Apply(bind("b", "Role", "reader", user("alice")), false)
	z.Apply(bind("gone", "Role", "missing", user("bob")), false)
	z.Apply(bind("others", "Role", "reader", user("carol")), false)
	for _, c := range []struct {
		user, verb, plural, sub, ns, name string
		want                              []string
	}{
		{"alice", "delete", "pods", "", "ns", "p", []string{`RoleBinding "b" in namespace "ns" (Role "reader") lets "alice" get, list pods; it lacks the verb delete`}},
		{"alice", "list", "pods", "", "prod", "", []string{`"alice" may list pods in namespace "ns", not in namespace "prod" (RoleBinding "b" in namespace "ns" (Role "reader"))`}},
		{"alice", "list", "pods", "", "", "", []string{`"alice" may list pods in namespace "ns", not in all namespaces (RoleBinding "b" in namespace "ns" (Role "reader"))`}},
		{"alice", "get", "secrets", "", "ns", "c", []string{`RoleBinding "b" in namespace "ns" (Role "reader") lets "alice" get secrets of the names a, b alone`}},
		{"alice", "get", "pods", "exec", "ns", "p", []string{
			`RoleBinding "b" in namespace "ns" (Role "reader") lets "alice" get pods, not pods/exec`,
			`RoleBinding "b" in namespace "ns" (Role "reader") lets "alice" get pods/log, not pods/exec`,
		}},
		{"bob", "get", "pods", "", "ns", "p", []string{`RoleBinding "gone" in namespace "ns" names Role "missing", which does not exist`}},
		{"eve", "get", "pods", "", "ns", "p", nil},
	} {
		got := z.Nearest(request.Attributes{
			User: authenticationv1.UserInfo{Username: c.user}, Verb: c.verb, Resource: true, Plural: c.plural, Subresource: c.sub, Namespace: c.ns, Name: c.name,
		}, nil)
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v:\ngot %q", c, got)
		}
	}
}
