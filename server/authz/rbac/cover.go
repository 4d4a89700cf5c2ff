package rbac

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// missing returns what of wanted is not covered by held, taken apart into rules of one verb on one thing.
func missing(held, wanted []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for i := range wanted {
		for _, part := range parts(&wanted[i]) {
			if !slices.ContainsFunc(held, func(h rbacv1.PolicyRule) bool { return covers(&h, &part) }) {
				out = append(out, part)
			}
		}
	}
	return out
}

// parts takes a rule apart: each part has one verb and one resource (and one name, if the rule has names),
// or one verb and one path.
func parts(r *rbacv1.PolicyRule) (out []rbacv1.PolicyRule) {
	for _, group := range r.APIGroups {
		for _, plural := range r.Resources {
			for _, verb := range r.Verbs {
				part := rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{plural}, Verbs: []string{verb}}
				if len(r.ResourceNames) == 0 {
					out = append(out, part)
				}
				for _, name := range r.ResourceNames {
					part.ResourceNames = []string{name}
					out = append(out, part)
				}
			}
		}
	}
	for _, url := range r.NonResourceURLs {
		for _, verb := range r.Verbs {
			out = append(out, rbacv1.PolicyRule{NonResourceURLs: []string{url}, Verbs: []string{verb}})
		}
	}
	return out
}

// covers reports whether a rule allows all that a part allows. The part's "*" is covered by "*" alone.
func covers(r, part *rbacv1.PolicyRule) bool {
	if !hasOrAll(r.Verbs, part.Verbs[0]) {
		return false
	}
	if len(part.NonResourceURLs) > 0 {
		return slices.ContainsFunc(r.NonResourceURLs, func(url string) bool { return coversPath(url, part.NonResourceURLs[0]) })
	}
	if !hasOrAll(r.APIGroups, part.APIGroups[0]) || !coversResource(r.Resources, part.Resources[0]) {
		return false
	}
	return len(r.ResourceNames) == 0 || len(part.ResourceNames) > 0 && slices.Contains(r.ResourceNames, part.ResourceNames[0])
}

func coversResource(list []string, plural string) bool {
	if hasOrAll(list, plural) {
		return true
	}
	_, sub, ok := strings.Cut(plural, "/")
	return ok && slices.Contains(list, "*/"+sub)
}

func coversPath(rule, path string) bool {
	return rule == path || strings.HasSuffix(rule, "*") && strings.HasPrefix(path, strings.TrimRight(rule, "*"))
}

// show lists parts as an error does: verbs on the same thing together, sorted.
func show(parts []rbacv1.PolicyRule) string {
	type key struct{ group, plural, name string }
	verbs := map[key][]string{}
	var lines []string
	for _, p := range parts {
		if len(p.NonResourceURLs) > 0 {
			lines = append(lines, fmt.Sprintf("{NonResourceURLs:%q, Verbs:%q}", p.NonResourceURLs, p.Verbs))
			continue
		}
		k := key{p.APIGroups[0], p.Resources[0], ""}
		if len(p.ResourceNames) > 0 {
			k.name = p.ResourceNames[0]
		}
		if !slices.Contains(verbs[k], p.Verbs[0]) {
			verbs[k] = append(verbs[k], p.Verbs[0])
		}
	}
	for k, v := range verbs {
		names := ""
		if k.name != "" {
			names = fmt.Sprintf(" ResourceNames:[%q],", k.name)
		}
		lines = append(lines, fmt.Sprintf("{APIGroups:[%q], Resources:[%q],%s Verbs:%q}", k.group, k.plural, names, v))
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n")
}
