package match

import (
	"context"
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// Resources is what a policy or a binding of one wants to see, made ready.
type Resources struct {
	selectors         Selectors
	rules, exclusions named
	equivalent        bool
	err               error
}

// named are rules of which some may name the objects they are about.
type named struct {
	rules  []Rule
	names  [][]string // of each rule; nil for all objects
	narrow bool       // there are names
}

// CompileResources makes matchConstraints or matchResources ready. Those that are wrong give an error when they
// match.
func CompileResources(m *admissionregistrationv1.MatchResources) *Resources {
	r := &Resources{
		rules: compileNamed(m.ResourceRules), exclusions: compileNamed(m.ExcludeResourceRules),
		equivalent: m.MatchPolicy != nil && *m.MatchPolicy == admissionregistrationv1.Equivalent,
	}
	r.selectors, r.err = ParseSelectors(m.NamespaceSelector, m.ObjectSelector)
	return r
}

func compileNamed(rules []admissionregistrationv1.NamedRuleWithOperations) named {
	n := named{rules: make([]Rule, len(rules)), names: make([][]string, len(rules))}
	for i := range rules {
		n.rules[i], n.names[i] = rules[i].RuleWithOperations, rules[i].ResourceNames
		n.narrow = n.narrow || len(rules[i].ResourceNames) > 0
	}
	return n
}

// about returns the rules that may be about an object of this name.
func (n named) about(name string) []Rule {
	if !n.narrow {
		return n.rules
	}
	var out []Rule
	for i, names := range n.names {
		if len(names) == 0 || slices.Contains(names, name) {
			out = append(out, n.rules[i])
		}
	}
	return out
}

// Match returns the form in which the write is wanted, and whether it is. Without rules everything is wanted. What
// goes wrong with a selector matters only where the rules match.
func (r *Resources) Match(ctx context.Context, reader admit.Reader, a *admit.Attributes, served []*kinds.Resource) (Target, bool, error) {
	target, wanted := Of(a), true
	if len(r.rules.rules) > 0 {
		target, wanted = Rules(a, r.rules.about(a.Name), r.equivalent, served)
	}
	if !wanted {
		return Target{}, false, nil
	}
	if len(r.exclusions.rules) > 0 {
		if _, excluded := Rules(a, r.exclusions.about(a.Name), r.equivalent, served); excluded {
			return Target{}, false, nil
		}
	}
	if r.err != nil {
		return Target{}, false, r.err
	}
	if !r.selectors.OfObject(a) {
		return Target{}, false, nil
	}
	ok, err := r.selectors.OfNamespace(ctx, reader, a)
	if err != nil || !ok {
		return Target{}, false, err
	}
	return target, true, nil
}
