package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/server/authz"
)

// allows reports whether a rule allows what is to be decided.
func allows(rule *rbacv1.PolicyRule, a *authz.Attributes) bool {
	if !hasOrAll(rule.Verbs, a.Verb) {
		return false
	}
	if !a.Resource {
		return slices.ContainsFunc(rule.NonResourceURLs, func(url string) bool { return matchesPath(url, a.Path) })
	}
	return hasOrAll(rule.APIGroups, a.Group) && matchesResource(rule.Resources, a.Plural, a.Subresource) &&
		(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, a.Name))
}

func hasOrAll(list []string, s string) bool {
	for _, v := range list {
		if v == "*" || v == s {
			return true
		}
	}
	return false
}

// matchesResource knows "*", "pods", "pods/log" and "*/scale".
func matchesResource(list []string, plural, sub string) bool {
	for _, v := range list {
		if v == "*" {
			return true
		}
		name, s, _ := strings.Cut(v, "/")
		if s == sub && (name == plural || name == "*" && sub != "") {
			return true
		}
	}
	return false
}

// matchesPath knows "*", whole paths and prefixes that end in *.
func matchesPath(rule, path string) bool {
	if rule == "*" || rule == path {
		return true
	}
	prefix, ok := strings.CutSuffix(rule, "*")
	return ok && strings.HasPrefix(path, prefix)
}

// Allow reports whether any of the rules allows what is to be decided.
func Allow(rules []rbacv1.PolicyRule, a *authz.Attributes) bool {
	for i := range rules {
		if allows(&rules[i], a) {
			return true
		}
	}
	return false
}
