package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/nave-k8s/nave/server/authz"
)

// mostNear bounds how many near misses are told.
const mostNear = 8

// Nearest says which rules of a user came nearest to allowing what was refused: those that lack nothing but the
// verb, the name, the subresource or the namespace. It tells of the bindings of those namespaces ("" for the
// cluster's) that may be told of; nil: of all. It goes through the bindings of all namespaces: it is for people, not
// for every request.
func (z *Authorizer) Nearest(a authz.Attributes, mayTell func(namespace string) bool) []string {
	z.mu.RLock()
	defer z.mu.RUnlock()
	var misses []miss
	look := func(b *binding) bool {
		if mayTell != nil && !mayTell(b.namespace) {
			return true
		}
		if rules, ok := z.rulesNamed(b.role, b.namespace); ok {
			for i := range rules {
				if m, ok := near(b, &rules[i], &a); ok {
					misses = append(misses, m)
				}
			}
		} else if b.namespace == "" || b.namespace == a.Namespace {
			misses = append(misses, miss{0, fmt.Sprintf("%s names %s %q, which does not exist", b.title(), b.role.Kind, b.role.Name)})
		}
		return true
	}
	z.cluster.each(a.User, look)
	if a.Resource {
		for _, of := range z.namespaces {
			of.each(a.User, look)
		}
	}
	slices.SortFunc(misses, func(x, y miss) int {
		if x.rank != y.rank {
			return x.rank - y.rank
		}
		return strings.Compare(x.text, y.text)
	})
	var out []string
	for _, m := range misses {
		if len(out) < mostNear && !slices.Contains(out, m.text) {
			out = append(out, m.text)
		}
	}
	return out
}

type miss struct {
	rank int
	text string
}

func (b *binding) title() string {
	if b.namespace == "" {
		return fmt.Sprintf("ClusterRoleBinding %q", b.name)
	}
	return fmt.Sprintf("RoleBinding %q in namespace %q", b.name, b.namespace)
}

// near reports what a rule lacks, if that is one thing alone.
func near(b *binding, rule *rbacv1.PolicyRule, a *authz.Attributes) (miss, bool) {
	user := fmt.Sprintf("%q", a.User.Username)
	if !a.Resource {
		if !slices.ContainsFunc(rule.NonResourceURLs, func(url string) bool { return matchesPath(url, a.Path) }) || hasOrAll(rule.Verbs, a.Verb) {
			return miss{}, false
		}
		return miss{1, fmt.Sprintf("%s lets %s %s %s; it lacks the verb %s", b.title(), user, strings.Join(rule.Verbs, ", "), a.Path, a.Verb)}, true
	}
	what := a.Plural
	if a.Subresource != "" {
		what += "/" + a.Subresource
	}
	inGroup := hasOrAll(rule.APIGroups, a.Group)
	verb, resource := hasOrAll(rule.Verbs, a.Verb), inGroup && matchesResource(rule.Resources, a.Plural, a.Subresource)
	name := len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, a.Name)
	here := b.namespace == "" || b.namespace == a.Namespace
	through := fmt.Sprintf("%s (%s %q)", b.title(), b.role.Kind, b.role.Name)
	switch {
	case !verb && resource && name && here:
		return miss{1, fmt.Sprintf("%s lets %s %s %s; it lacks the verb %s", through, user, strings.Join(rule.Verbs, ", "), what, a.Verb)}, true
	case verb && resource && !name && here:
		return miss{2, fmt.Sprintf("%s lets %s %s %s of the names %s alone", through, user, a.Verb, what, strings.Join(rule.ResourceNames, ", "))}, true
	case verb && resource && name && !here:
		where := fmt.Sprintf("not in namespace %q", a.Namespace)
		if a.Namespace == "" {
			where = "not in all namespaces"
		}
		return miss{3, fmt.Sprintf("%s may %s %s in namespace %q, %s (%s)", user, a.Verb, what, b.namespace, where, through)}, true
	case verb && inGroup && !resource && name && here && sibling(rule.Resources, a):
		return miss{4, fmt.Sprintf("%s lets %s %s %s, not %s", through, user, a.Verb, strings.Join(rule.Resources, ", "), what)}, true
	}
	return miss{}, false
}

// sibling reports whether a rule is for the resource itself or another part of it.
func sibling(list []string, a *authz.Attributes) bool {
	return slices.ContainsFunc(list, func(v string) bool {
		name, _, _ := strings.Cut(v, "/")
		return name == a.Plural
	})
}
