package rbac

import (
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/server/authz"
)

// FuzzAllows matches rules of any text. Without a star, a rule allows nothing that it does not name.
func FuzzAllows(f *testing.F) {
	f.Add("get", "", "pods", "", "get", "", "pods", "", "")
	f.Add("*", "apps", "*/scale", "a", "update", "apps", "deployments", "scale", "a")
	f.Add("get", "", "/healthz/*", "", "get", "", "", "", "/healthz/ping")
	f.Add("get", "", "pods/", "", "get", "", "pods", "", "")
	f.Fuzz(func(t *testing.T, verbs, groups, resources, names, verb, group, plural, sub, path string) {
		rule := &rbacv1.PolicyRule{Verbs: []string{verbs}, APIGroups: []string{groups}, Resources: []string{resources}, NonResourceURLs: []string{resources}}
		if names != "" {
			rule.ResourceNames = []string{names}
		}
		a := &authz.Attributes{Verb: verb, Resource: path == "", Group: group, Plural: plural, Subresource: sub, Path: path}
		if !allows(rule, a) {
			return
		}
		if verbs != "*" && verbs != verb || names != "" && a.Resource {
			t.Errorf("%v allows %v", rule, a)
		}
		if a.Resource && groups != "*" && groups != group {
			t.Errorf("%v allows %v", rule, a)
		}
		if whole := plural + "/" + sub; a.Resource && !slices.Contains([]string{"*", "*/" + sub, whole}, resources) && (sub != "" || resources != plural) {
			t.Errorf("%v allows %v", rule, a)
		}
	})
}
