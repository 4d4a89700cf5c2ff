package impersonation

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/request"
)

// rights is a May that allows what is listed: verb, resource and name, or a verb alone.
func rights(list ...string) May {
	return func(_ context.Context, a request.Attributes) error {
		what := a.Plural
		if a.Subresource != "" {
			what += "/" + a.Subresource
		}
		if slices.Contains(list, a.Verb) || slices.Contains(list, a.Verb+" "+what+" "+a.Name) {
			return nil
		}
		return errors.New(a.Verb + " " + what + " " + a.Name)
	}
}

func TestApply(t *testing.T) {
	agent := authenticationv1.UserInfo{Username: "system:serviceaccount:ns:agent", Extra: map[string]authenticationv1.ExtraValue{"authentication.kubernetes.io/node-name": {"n1"}}}
	alice := authenticationv1.UserInfo{Username: "alice"}
	for _, c := range []struct {
		name    string
		asker   authenticationv1.UserInfo
		rights  []string
		headers string // name=value,...
		want    string // user|uid|groups, or an error
		by      string
	}{
		{name: "nobody asked for", asker: alice, want: "alice||"},
		{name: "old", asker: alice, rights: []string{"impersonate users eve", "impersonate groups ops"}, headers: "User=eve,Group=ops", want: "eve||ops,system:authenticated"},
		{name: "old refused", asker: alice, rights: []string{"impersonate-on:user-info:get", "impersonate users eve"}, headers: "User=eve,Group=ops", want: "error impersonate:user-info users eve"},
		{name: "constrained", asker: alice, rights: []string{"impersonate-on:user-info:get", "impersonate:user-info users eve", "impersonate:user-info uids 7", "impersonate:user-info userextras/acme.io/scopes view"},
			headers: "User=eve,Uid=7,Extra-acme.io%2fscopes=view", want: "eve|7|system:authenticated", by: "impersonate:user-info"},
		{name: "not on this", asker: alice, rights: []string{"impersonate:user-info"}, headers: "User=eve", want: "error impersonate-on:user-info:get pods p"},
		{name: "masters never", asker: alice, rights: []string{"impersonate-on:user-info:get", "impersonate:user-info"}, headers: "User=eve,Group=system:masters",
			want: `error groups.authentication.k8s.io "system:masters" is forbidden: User "alice" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed`},
		{name: "own node", asker: agent, rights: []string{"impersonate-on:associated-node:get", "impersonate:associated-node nodes *"}, headers: "User=system:node:n1", want: "system:node:n1||system:nodes,system:authenticated", by: "impersonate:associated-node"},
		{name: "another node", asker: agent, rights: []string{"impersonate-on:associated-node:get", "impersonate:associated-node nodes *"}, headers: "User=system:node:n2", want: "error impersonate-on:arbitrary-node:get pods p"},
		{name: "account", asker: alice, rights: []string{"impersonate-on:serviceaccount:get", "impersonate:serviceaccount serviceaccounts robot"}, headers: "User=system:serviceaccount:ns:robot",
			want: "system:serviceaccount:ns:robot||system:serviceaccounts,system:serviceaccounts:ns,system:authenticated", by: "impersonate:serviceaccount"},
		{name: "anonymous", asker: alice, rights: []string{"impersonate"}, headers: "User=system:anonymous", want: "system:anonymous||system:unauthenticated"},
		{name: "no user", asker: alice, headers: "Group=ops", want: `error requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"ops"}, Extra:map[string][]string(nil)} without impersonating a user name`},
	} {
		r := &request.Request{User: c.asker, IsResource: true, Verb: "get", Resource: "pods", Name: "p", HTTP: (&http.Request{Header: http.Header{}}).WithContext(t.Context())}
		for _, h := range strings.Split(c.headers, ",") {
			if name, value, ok := strings.Cut(h, "="); ok {
				r.HTTP.Header.Add("Impersonate-"+name, value)
			}
		}
		got := ""
		if err := New(rights(c.rights...)).Apply(r); err != nil {
			got = "error " + err.Error()
		} else {
			got = r.User.Username + "|" + r.User.UID + "|" + strings.Join(r.User.Groups, ",")
			if len(r.HTTP.Header) > 0 {
				t.Errorf("%s: headers stay: %v", c.name, r.HTTP.Header)
			}
		}
		if got != c.want || r.Constraint != c.by {
			t.Errorf("%s: got %s by %q\nwant %s by %q", c.name, got, r.Constraint, c.want, c.by)
		}
		if c.by != "" && r.Impersonator != nil && !reflect.DeepEqual(*r.Impersonator, c.asker) {
			t.Errorf("%s: the impersonator is %v", c.name, r.Impersonator)
		}
	}
}
