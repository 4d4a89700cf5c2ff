package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
)

// roll brings the new version forward by one step: it grows, or old ones shrink, never both at one look.
func (p *plan) roll() {
	p.syncRevision(true)
	if !p.growNew() && !p.shrinkOld() && complete(p.d, &p.d.Status) {
		p.cleanUp()
	}
	p.setStatus(p.rolledOut())
}

// growTo is how many replicas the new version may have now.
func (p *plan) growTo() int32 {
	want := *p.d.Spec.Replicas
	if p.d.Spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType {
		return want
	}
	var surge int32
	if r := p.d.Spec.Strategy.RollingUpdate; r != nil {
		surge = scaledValue(r.MaxSurge, int(want), true)
	}
	have := replicas(p.rss.new)
	room := want + surge - sum(p.rss.all(), replicas)
	if room <= 0 {
		return have
	}
	return have + min(room, want-have)
}

func (p *plan) growNew() bool {
	rs, want := p.rss.new, *p.d.Spec.Replicas
	if p.create != nil || replicas(rs) == want {
		return p.create != nil && replicas(rs) > 0
	}
	if replicas(rs) > want {
		return p.resize(rs, want)
	}
	return p.resize(rs, p.growTo())
}

// shrinkOld takes pods from old versions: first those that do not work, which nobody misses, then as many as
// are available beyond the least that must be.
func (p *plan) shrinkOld() bool {
	old := active(p.rss.old)
	if len(old) == 0 {
		return false
	}
	_, unavailable := bounds(p.d)
	least := *p.d.Spec.Replicas - unavailable
	newMissing := replicas(p.rss.new) - sure(p.rss.new)
	room := sum(p.rss.all(), replicas) - least - newMissing
	if room <= 0 {
		return false
	}
	shrunk := false
	take := func(limit int32, of func(*appsv1.ReplicaSet) int32) {
		for _, rs := range old { // oldest first
			if n := min(limit, of(rs)); n > 0 {
				limit -= n
				shrunk = p.resize(rs, replicas(rs)-n) || shrunk
			}
		}
	}
	take(room, func(rs *appsv1.ReplicaSet) int32 { return replicas(rs) - sure(rs) })
	take(sum(p.rss.all(), sure)-least, replicas)
	return shrunk
}

// resize gives the set a number of replicas, unless it has it, and notes the size of the whole.
func (p *plan) resize(rs *appsv1.ReplicaSet, n int32) bool {
	if replicas(rs) == n {
		return false
	}
	rs.Spec.Replicas = &n
	p.annotateSize(rs)
	return true
}
