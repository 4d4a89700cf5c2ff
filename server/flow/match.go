package flow

import (
	"hash/fnv"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"

	"github.com/nave-k8s/nave/server/request"
)

// schema is a flow schema with its level.
type schema struct {
	name       string
	uid        []string // as a header's values, as is levelUID
	precedence int32
	rules      []flowcontrolv1.PolicyRulesWithSubjects
	by         flowcontrolv1.FlowDistinguisherMethodType // "" for all of them one flow
	level      *level
	levelUID   []string
	exempt     bool
	counts     Counts
}

func newSchema(o *flowcontrolv1.FlowSchema, c *flowcontrolv1.PriorityLevelConfiguration, l *level) *schema {
	s := &schema{
		name: o.Name, uid: []string{string(o.UID)}, precedence: o.Spec.MatchingPrecedence, rules: o.Spec.Rules,
		level: l, levelUID: []string{string(c.UID)}, exempt: isExempt(c), counts: uncounted{},
	}
	if o.Spec.DistinguisherMethod != nil {
		s.by = o.Spec.DistinguisherMethod.Type
	}
	return s
}

// classify finds the first schema that matches.
func (p *plan) classify(r *request.Request) *schema {
	for _, s := range p.schemas {
		if s.matches(r) {
			return s
		}
	}
	return p.last
}

// flow is a number for the request's flow, the same for all of its requests.
func (s *schema) flow(r *request.Request) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s.name)) //nolint:errcheck // it never fails
	h.Write([]byte{0})      //nolint:errcheck // it never fails
	switch s.by {
	case flowcontrolv1.FlowDistinguisherMethodByUserType:
		h.Write([]byte(r.User.Username)) //nolint:errcheck // it never fails
	case flowcontrolv1.FlowDistinguisherMethodByNamespaceType:
		h.Write([]byte(r.Namespace)) //nolint:errcheck // it never fails
	}
	return h.Sum64()
}

func (s *schema) matches(r *request.Request) bool {
	for i := range s.rules {
		rule := &s.rules[i]
		if !matchesSubject(rule.Subjects, &r.User) {
			continue
		}
		if r.IsResource && matchesResource(rule.ResourceRules, r) || !r.IsResource && matchesPath(rule.NonResourceRules, r) {
			return true
		}
	}
	return false
}

func matchesSubject(subjects []flowcontrolv1.Subject, user *authenticationv1.UserInfo) bool {
	for i := range subjects {
		switch s := &subjects[i]; {
		case s.User != nil:
			if s.User.Name == "*" || s.User.Name == user.Username {
				return true
			}
		case s.Group != nil:
			if s.Group.Name == "*" || slices.Contains(user.Groups, s.Group.Name) {
				return true
			}
		case s.ServiceAccount != nil:
			if isAccount(user.Username, s.ServiceAccount.Namespace, s.ServiceAccount.Name) {
				return true
			}
		}
	}
	return false
}

// isAccount reports whether a user is a service account of the namespace and name; "*" for any name.
func isAccount(user, namespace, name string) bool {
	rest, ok := strings.CutPrefix(user, "system:serviceaccount:")
	if !ok {
		return false
	}
	ns, account, ok := strings.Cut(rest, ":")
	return ok && ns == namespace && (name == "*" || account == name)
}

func matchesResource(rules []flowcontrolv1.ResourcePolicyRule, r *request.Request) bool {
	for i := range rules {
		rule := &rules[i]
		if !has(rule.Verbs, r.Verb) || !has(rule.APIGroups, r.Group) || !hasResource(rule.Resources, r) {
			continue
		}
		if r.Namespace == "" && rule.ClusterScope || r.Namespace != "" && has(rule.Namespaces, r.Namespace) {
			return true
		}
	}
	return false
}

func matchesPath(rules []flowcontrolv1.NonResourcePolicyRule, r *request.Request) bool {
	for i := range rules {
		if !has(rules[i].Verbs, r.Verb) {
			continue
		}
		for _, url := range rules[i].NonResourceURLs {
			// A rule is for the paths below it, too, with or without a star.
			below := strings.TrimSuffix(url, "*")
			if url == "*" || url == r.Path || strings.HasPrefix(r.Path, below) && (strings.HasSuffix(below, "/") || strings.HasPrefix(r.Path[len(below):], "/")) {
				return true
			}
		}
	}
	return false
}

func has(list []string, s string) bool {
	for _, v := range list {
		if v == "*" || v == s {
			return true
		}
	}
	return false
}

func hasResource(list []string, r *request.Request) bool {
	for _, v := range list {
		if v == "*" {
			return true
		}
		name, sub, _ := strings.Cut(v, "/")
		if name == r.Resource && sub == r.Subresource {
			return true
		}
	}
	return false
}
