package deployment

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// scale spreads a new size over the versions without rolling any of them forward. In the middle of a rollout
// each gets its share, so that a bad version is not made bigger than a good one.
func (p *plan) scale() {
	want := *p.d.Spec.Replicas
	if rs, ok := p.only(); ok {
		if rs != nil && replicas(rs) != want {
			p.resize(rs, want)
		} else if rs != nil {
			p.noteSize(rs)
		}
		return
	}
	if p.saturated() {
		for _, rs := range active(p.rss.old) {
			p.resize(rs, 0)
		}
		return
	}
	if p.d.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType {
		p.spread()
	}
}

// only is the one set that has pods, or the latest if none has; ok is false if several have.
func (p *plan) only() (_ *appsv1.ReplicaSet, ok bool) {
	switch live := active(p.rss.all()); {
	case len(live) == 1:
		return live[0], true
	case len(live) > 1:
		return nil, false
	}
	if p.rss.new != nil {
		return p.rss.new, true
	}
	if n := len(p.rss.old); n > 0 {
		return p.rss.old[n-1], true // they are sorted by creation
	}
	return nil, true
}

// noteSize keeps the notes of a set true whose replicas are right already.
func (p *plan) noteSize(rs *appsv1.ReplicaSet) {
	if desired, ok := number(rs, desiredReplicas); ok && desired != *p.d.Spec.Replicas {
		p.annotateSize(rs)
	}
}

// saturated reports whether the new version has all pods it shall have, and they work.
func (p *plan) saturated() bool {
	rs, want := p.rss.new, *p.d.Spec.Replicas
	if rs == nil {
		return false
	}
	desired, ok := number(rs, desiredReplicas)
	return ok && replicas(rs) == want && desired == want && available(rs) == want
}

func (p *plan) spread() {
	live := active(p.rss.all())
	surge, _ := bounds(p.d)
	var allowed int32
	if *p.d.Spec.Replicas > 0 {
		allowed = *p.d.Spec.Replicas + surge
	}
	add := allowed - sum(live, replicas)
	// Larger ones first; among equals, the newer grows first and the older shrinks first.
	slices.SortFunc(live, func(a, b *appsv1.ReplicaSet) int {
		order := byCreation(a, b)
		if add > 0 {
			order = -order
		}
		return cmp.Or(cmp.Compare(replicas(b), replicas(a)), order)
	})
	sizes := make([]int32, len(live))
	var added int32
	for i, rs := range live {
		part := p.part(rs, add, added)
		sizes[i] = replicas(rs) + part
		added += part
	}
	for i, rs := range live {
		if i == 0 { // what rounding left over
			sizes[0] = max(0, sizes[0]+add-added)
		}
		p.resize(rs, sizes[i])
		p.annotateSize(rs)
	}
}

// part is the set's share of what is to be added, or taken if that is negative.
func (p *plan) part(rs *appsv1.ReplicaSet, add, added int32) int32 {
	if add == added || add == 0 {
		return 0
	}
	part := p.fraction(rs)
	if add > 0 {
		return min(part, add-added)
	}
	return max(part, add-added)
}

// fraction is by how much the set would change if it kept its part of the whole.
func (p *plan) fraction(rs *appsv1.ReplicaSet) int32 {
	if *p.d.Spec.Replicas == 0 {
		return -replicas(rs)
	}
	surge, _ := bounds(p.d)
	whole, ok := number(rs, maxReplicas)
	if !ok || whole == 0 {
		whole = p.d.Status.Replicas
		if whole == 0 {
			return 0
		}
	}
	size := int64(replicas(rs)) * int64(*p.d.Spec.Replicas+surge)
	rounded := (2*size + int64(whole)) / (2 * int64(whole))
	return int32(rounded) - replicas(rs)
}
