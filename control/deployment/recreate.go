package deployment

import (
	appsv1 "k8s.io/api/apps/v1"
)

// recreate takes all old pods away and waits until they have ended before it makes new ones.
func (p *plan) recreate(podsLeft func(*appsv1.ReplicaSet) bool) {
	p.syncRevision(false)
	shrunk := false
	for _, rs := range active(p.rss.old) {
		shrunk = p.resize(rs, 0) || shrunk
	}
	if shrunk || p.oldPodsLeft(podsLeft) {
		p.setStatus(p.rolledOut())
		return
	}
	if p.rss.new == nil {
		p.syncRevision(true)
	}
	if p.create == nil && replicas(p.rss.new) != *p.d.Spec.Replicas {
		p.resize(p.rss.new, *p.d.Spec.Replicas)
	}
	if complete(p.d, &p.d.Status) {
		p.cleanUp()
	}
	p.setStatus(p.rolledOut())
}

func (p *plan) oldPodsLeft(podsLeft func(*appsv1.ReplicaSet) bool) bool {
	for _, rs := range p.rss.old {
		if rs.Status.Replicas > 0 || podsLeft(rs) {
			return true
		}
	}
	return false
}
