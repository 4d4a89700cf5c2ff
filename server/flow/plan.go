package flow

import (
	"cmp"
	"maps"
	"math"
	"slices"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// A plan is what the objects say, ready to be looked up. It is read-only.
type plan struct {
	schemas []*schema // in the order they are asked
	last    *schema   // for what none of them matches
}

// Apply takes note of a flow schema or priority level as it is now, or, if gone, that it is no more. The object
// must not be changed afterwards.
func (f *Fair) Apply(obj kinds.Object, gone bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch o := obj.(type) {
	case *flowcontrolv1.FlowSchema:
		if f.schemas[o.Name] = o; gone {
			delete(f.schemas, o.Name)
		}
	case *flowcontrolv1.PriorityLevelConfiguration:
		if f.configs[o.Name] = o; gone {
			delete(f.configs, o.Name)
		}
	}
	f.remake()
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

// remake makes the plan anew. Levels that stay keep their seats and queues. f.mu is held.
func (f *Fair) remake() {
	configs := maps.Clone(f.configs)
	for _, c := range always() {
		if configs[c.Name] == nil {
			configs[c.Name] = c
		}
	}
	shares := 0.0
	for _, c := range configs {
		shares += sharesOf(c)
	}
	now := f.Now()
	for name, c := range configs {
		if f.levels[name] == nil {
			f.levels[name] = newLevel(name, now)
		}
		f.levels[name].configure(c, f.Seats, shares, now)
	}
	for name := range f.levels {
		if configs[name] == nil {
			delete(f.levels, name) // those who are in it go on to their end
		}
	}
	p := &plan{}
	add := func(s *flowcontrolv1.FlowSchema, name string) *schema {
		made := newSchema(s, configs[name], f.levels[name])
		if f.observe != nil {
			made.counts = f.observe(made.name, name)
		}
		p.schemas = append(p.schemas, made)
		return made
	}
	for _, s := range f.schemas {
		// One whose level is missing matches nothing.
		if name := s.Spec.PriorityLevelConfiguration.Name; configs[name] != nil {
			if made := add(s, name); s.Name == "catch-all" {
				p.last = made
			}
		}
	}
	if f.schemas["exempt"] == nil {
		add(exemptSchema(), "exempt")
	}
	if p.last == nil {
		p.last = add(catchAllSchema(), "catch-all")
	}
	slices.SortFunc(p.schemas, func(a, b *schema) int {
		return cmp.Or(cmp.Compare(a.precedence, b.precedence), cmp.Compare(a.name, b.name))
	})
	f.plan.Store(p)
}

func sharesOf(c *flowcontrolv1.PriorityLevelConfiguration) float64 {
	switch {
	case c.Spec.Limited != nil && c.Spec.Limited.NominalConcurrencyShares != nil:
		return float64(*c.Spec.Limited.NominalConcurrencyShares)
	case c.Spec.Limited != nil:
		return 30
	case c.Spec.Exempt != nil && c.Spec.Exempt.NominalConcurrencyShares != nil:
		return float64(*c.Spec.Exempt.NominalConcurrencyShares)
	}
	return 0
}

// bounds are the seats of a level: by its shares, and at least and at most with borrowing.
func bounds(c *flowcontrolv1.PriorityLevelConfiguration, seats int, shares float64) (nominal, low, high int) {
	if shares > 0 {
		nominal = int(math.Ceil(float64(seats) * sharesOf(c) / shares))
	}
	percent := func(p *int32) int {
		if p == nil {
			return 0
		}
		return int(math.Round(float64(nominal) * float64(*p) / 100))
	}
	low, high = nominal, seats
	switch {
	case c.Spec.Limited != nil:
		low -= percent(c.Spec.Limited.LendablePercent)
		if c.Spec.Limited.BorrowingLimitPercent != nil {
			high = nominal + percent(c.Spec.Limited.BorrowingLimitPercent)
		}
	case c.Spec.Exempt != nil:
		low -= percent(c.Spec.Exempt.LendablePercent)
	}
	return nominal, low, max(high, low)
}

// always are the levels that are there even if their objects are not.
func always() []*flowcontrolv1.PriorityLevelConfiguration {
	five := int32(5)
	return []*flowcontrolv1.PriorityLevelConfiguration{
		{ObjectMeta: metav1.ObjectMeta{Name: "exempt"}, Spec: flowcontrolv1.PriorityLevelConfigurationSpec{Type: flowcontrolv1.PriorityLevelEnablementExempt}},
		{ObjectMeta: metav1.ObjectMeta{Name: "catch-all"}, Spec: flowcontrolv1.PriorityLevelConfigurationSpec{
			Type:    flowcontrolv1.PriorityLevelEnablementLimited,
			Limited: &flowcontrolv1.LimitedPriorityLevelConfiguration{NominalConcurrencyShares: &five, LimitResponse: flowcontrolv1.LimitResponse{Type: flowcontrolv1.LimitResponseTypeReject}},
		}},
	}
}

func exemptSchema() *flowcontrolv1.FlowSchema {
	all := []string{"*"}
	return &flowcontrolv1.FlowSchema{ObjectMeta: metav1.ObjectMeta{Name: "exempt"}, Spec: flowcontrolv1.FlowSchemaSpec{
		MatchingPrecedence: 1,
		Rules: []flowcontrolv1.PolicyRulesWithSubjects{{
			Subjects:         []flowcontrolv1.Subject{{Kind: flowcontrolv1.SubjectKindGroup, Group: &flowcontrolv1.GroupSubject{Name: "system:masters"}}},
			ResourceRules:    []flowcontrolv1.ResourcePolicyRule{{Verbs: all, APIGroups: all, Resources: all, ClusterScope: true, Namespaces: all}},
			NonResourceRules: []flowcontrolv1.NonResourcePolicyRule{{Verbs: all, NonResourceURLs: all}},
		}},
	}}
}

func catchAllSchema() *flowcontrolv1.FlowSchema {
	return &flowcontrolv1.FlowSchema{ObjectMeta: metav1.ObjectMeta{Name: "catch-all"}, Spec: flowcontrolv1.FlowSchemaSpec{
		MatchingPrecedence: 10000, DistinguisherMethod: &flowcontrolv1.FlowDistinguisherMethod{Type: flowcontrolv1.FlowDistinguisherMethodByUserType},
	}}
}
