package deployment

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
)

// A plan is what one look at a deployment decides. Objects in it are copies.
type plan struct {
	d       *appsv1.Deployment // with its new status and revision
	changed bool               // the status, or the revision
	create  *appsv1.ReplicaSet // the new version's
	update  []change
	remove  []*appsv1.ReplicaSet
	after   time.Duration // when progress is late

	now time.Time
	rss sets
}

// change is a replica set to write; from is how many replicas it had.
type change struct {
	rs   *appsv1.ReplicaSet
	from int32
}

// sets are the deployment's replica sets, as the plan changes them.
type sets struct {
	new      *appsv1.ReplicaSet // of the deployment's template; nil if there is none
	old      []*appsv1.ReplicaSet
	original map[*appsv1.ReplicaSet]*appsv1.ReplicaSet
}

// all has the new one last.
func (s sets) all() []*appsv1.ReplicaSet {
	if s.new == nil {
		return s.old
	}
	return append(slices.Clone(s.old), s.new)
}

// makePlan decides. podsLeft says of a replica set whether it has pods that have not ended.
func makePlan(from *appsv1.Deployment, mine []*appsv1.ReplicaSet, podsLeft func(*appsv1.ReplicaSet) bool, now time.Time) *plan {
	p := &plan{d: from.DeepCopy(), now: now, rss: split(from, mine)}
	switch {
	case p.d.DeletionTimestamp != nil:
		p.setStatus(p.counted())
	default:
		p.pauseCondition()
		switch {
		case p.d.Spec.Paused:
			p.syncRevision(false)
			p.scale()
			p.cleanUp()
			p.setStatus(p.counted())
		case p.scaled():
			p.syncRevision(false)
			p.scale()
			p.setStatus(p.counted())
		case p.d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
			p.recreate(podsLeft)
		default:
			p.roll()
		}
	}
	p.collect(from)
	return p
}

// collect notes which objects differ from what they were.
func (p *plan) collect(from *appsv1.Deployment) {
	for _, rs := range p.rss.all() {
		was := p.rss.original[rs]
		if was != nil && !sameSet(was, rs) {
			p.update = append(p.update, change{rs, replicas(was)})
		}
	}
	p.changed = !sameDeployment(from, p.d)
}

// split tells the new version's replica set from the old ones. Of several of one template the oldest counts.
func split(d *appsv1.Deployment, mine []*appsv1.ReplicaSet) sets {
	s := sets{original: map[*appsv1.ReplicaSet]*appsv1.ReplicaSet{}}
	mine = slices.Clone(mine)
	slices.SortFunc(mine, byCreation)
	for _, rs := range mine {
		c := rs.DeepCopy()
		s.original[c] = rs
		if s.new == nil && sameTemplate(&rs.Spec.Template, &d.Spec.Template) {
			s.new = c
		} else {
			s.old = append(s.old, c)
		}
	}
	return s
}

// scaled reports whether the deployment was scaled since its replica sets were last written.
func (p *plan) scaled() bool {
	for _, rs := range active(p.rss.all()) {
		if desired, ok := number(rs, desiredReplicas); ok && desired != *p.d.Spec.Replicas {
			return true
		}
	}
	return false
}
