package replicaset

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/control/pods"
)

// burst is the most that is made or deleted at one look.
const burst = 500

// plan is what one look at a set decides.
type plan struct {
	diff   int // active pods less those declared
	create int
	remove []*corev1.Pod
	status counts
	after  time.Duration // when a pod becomes available that is ready
}

// counts are the numbers of a set's status.
type counts struct{ active, labeled, ready, available, terminating int32 }

// makePlan decides. pods are those of the set that have not ended; related are theirs and their siblings'.
func makePlan(s *set, mine, related []*corev1.Pod, now time.Time) plan {
	active := pods.Filter(mine, pods.Active)
	p := plan{diff: len(active) - s.replicas()}
	switch {
	case p.diff < 0:
		p.create = min(-p.diff, burst)
	case p.diff > 0:
		pods.SortForDeletion(active, related, now)
		p.remove = active[:min(p.diff, burst)]
	}
	p.count(s, mine, now)
	return p
}

func (p *plan) count(s *set, mine []*corev1.Pod, now time.Time) {
	template := s.templateSelector()
	for _, pod := range mine {
		if !pods.Active(pod) {
			p.status.terminating++
			continue
		}
		p.status.active++
		if template(pod) {
			p.status.labeled++
		}
		in, ready := pods.AvailableIn(pod, s.Spec.MinReadySeconds, now)
		switch {
		case !ready:
			continue
		case in == 0:
			p.status.available++
		case p.after == 0 || in < p.after:
			p.after = in
		}
		p.status.ready++
	}
}
