// Package match decides whether a write is one that a webhook or a policy wants to see: by its rules, in whatever
// version the write came, and by the labels of namespace and object.
package match

import (
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// A Target is the form in which a write is shown: that of the request, or of another version that a rule names.
type Target struct {
	Resource    *kinds.Resource
	Subresource string
}

// Kind is the kind of the object as shown.
func (t Target) Kind() schema.GroupVersionKind {
	if t.Subresource != "" {
		if sub := t.Resource.Subresource(t.Subresource); sub != nil && !sub.Kind.Empty() {
			return sub.Kind
		}
	}
	return t.Resource.GroupVersionKind()
}

// Of is the write as it came.
func Of(a *admit.Attributes) Target { return Target{a.Resource, a.Subresource} }

// A Rule is one rule of a webhook or a policy.
type Rule = admissionregistrationv1.RuleWithOperations

// Rules returns the form in which the first rule that matches wants the write, and whether one does. With
// equivalent, rules that name another version of the same kind match too; an exact match comes first.
func Rules(a *admit.Attributes, rules []Rule, equivalent bool, served []*kinds.Resource) (Target, bool) {
	for i := range rules {
		if matches(&rules[i], a, a.Resource) {
			return Of(a), true
		}
	}
	if !equivalent {
		return Target{}, false
	}
	for _, other := range served {
		if other == a.Resource || other.Root() != a.Resource.Root() || a.Subresource != "" && other.Subresource(a.Subresource) == nil {
			continue
		}
		for i := range rules {
			if matches(&rules[i], a, other) {
				return Target{other, a.Subresource}, true
			}
		}
	}
	return Target{}, false
}

// matches reports whether the rule wants the write if it were one to this resource.
func matches(rule *Rule, a *admit.Attributes, resource *kinds.Resource) bool {
	return scope(rule, a) &&
		slices.ContainsFunc(rule.Operations, func(op admissionregistrationv1.OperationType) bool {
			return op == admissionregistrationv1.OperationAll || string(op) == string(a.Operation)
		}) &&
		anyOr(rule.APIGroups, resource.Group) && anyOr(rule.APIVersions, resource.Version) &&
		slices.ContainsFunc(rule.Resources, func(pattern string) bool {
			plural, sub, _ := strings.Cut(pattern, "/")
			return (plural == "*" || plural == resource.Plural) && (sub == "*" || sub == a.Subresource)
		})
}

func anyOr(list []string, value string) bool {
	return slices.Contains(list, "*") || slices.Contains(list, value)
}

func scope(rule *Rule, a *admit.Attributes) bool {
	if rule.Scope == nil {
		return true
	}
	// A namespace is in no namespace, though its requests carry its name as one.
	namespaced := a.Namespace != "" && !isNamespace(a)
	switch *rule.Scope {
	case admissionregistrationv1.NamespacedScope:
		return namespaced
	case admissionregistrationv1.ClusterScope:
		return !namespaced
	}
	return true
}

func isNamespace(a *admit.Attributes) bool {
	return a.Resource.Group == "" && a.Resource.Plural == "namespaces"
}

// Exempt reports whether nobody may be asked about the write: it is to what decides who is asked, and a mistake
// there must stay possible to correct.
func Exempt(a *admit.Attributes) bool {
	if a.Resource.Group != admissionregistrationv1.GroupName {
		return false
	}
	switch a.Resource.Plural {
	case "validatingwebhookconfigurations", "mutatingwebhookconfigurations",
		"validatingadmissionpolicies", "validatingadmissionpolicybindings",
		"mutatingadmissionpolicies", "mutatingadmissionpolicybindings":
		return true
	}
	return false
}
