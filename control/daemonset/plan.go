package daemonset

import (
	"cmp"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/nave-k8s/nave/control/pods"
)

// burst is the most that is made or deleted at one look.
const burst = 250

// plan is what one look at a daemon set decides.
type plan struct {
	create []string // nodes
	remove []*corev1.Pod
	ended  []*corev1.Pod // to delete as well, with a back-off
	status appsv1.DaemonSetStatus
	after  time.Duration
}

// place is a node and the set's pods on it, the oldest first.
type place struct {
	node      string
	pods      []*corev1.Pod
	run, stay bool
}

// makePlan decides. mine are the set's pods.
func makePlan(ds *appsv1.DaemonSet, hash string, nodes []*corev1.Node, mine []*corev1.Pod, now time.Time) *plan {
	p := &plan{}
	byNode := map[string][]*corev1.Pod{}
	for _, pod := range mine {
		byNode[nodeOf(pod)] = append(byNode[nodeOf(pod)], pod)
	}
	tolerated := tolerations(&ds.Spec.Template.Spec)
	var places []place
	for _, n := range nodes {
		pl := place{node: n.Name, pods: byNode[n.Name]}
		delete(byNode, n.Name)
		pl.run, pl.stay = fits(ds, n, tolerated)
		slices.SortFunc(pl.pods, func(a, b *corev1.Pod) int {
			return cmp.Or(bound(a)-bound(b), a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
		})
		places = append(places, pl)
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.node, b.node) })
	for _, pl := range places {
		p.manage(ds, hash, pl, now)
	}
	for _, lost := range byNode { // their nodes are gone, and they were not bound yet
		for _, pod := range lost {
			if pod.Spec.NodeName == "" && pod.DeletionTimestamp == nil {
				p.remove = append(p.remove, pod)
			}
		}
	}
	p.count(ds, hash, places, now)
	if ds.Spec.UpdateStrategy.Type == appsv1.RollingUpdateDaemonSetStrategyType && len(p.create) == 0 {
		p.roll(ds, hash, places, now)
	}
	p.create, p.remove = p.create[:min(burst, len(p.create))], p.remove[:min(burst, len(p.remove))]
	return p
}

func bound(p *corev1.Pod) int {
	if p.Spec.NodeName != "" {
		return 0
	}
	return 1
}

// manage sees to it that the node has one pod, or none.
func (p *plan) manage(ds *appsv1.DaemonSet, hash string, pl place, now time.Time) {
	if !pl.stay {
		for _, pod := range pl.pods {
			if pod.DeletionTimestamp == nil {
				p.remove = append(p.remove, pod)
			}
		}
		return
	}
	if len(pl.pods) == 0 {
		if pl.run {
			p.create = append(p.create, pl.node)
		}
		return
	}
	var live []*corev1.Pod
	for _, pod := range pl.pods {
		switch {
		case pod.DeletionTimestamp != nil:
		case pods.Terminal(pod):
			p.ended = append(p.ended, pod)
		default:
			live = append(live, pod)
		}
	}
	if surge, _ := bounds(ds, 1); surge == 0 {
		p.remove = append(p.remove, live[min(1, len(live)):]...)
		return
	}
	// While one is replaced by its successor on the same node, there may be two.
	var fresh, old *corev1.Pod
	for _, pod := range live {
		switch {
		case updated(ds, hash, pod) && fresh == nil:
			fresh = pod
		case !updated(ds, hash, pod) && old == nil:
			old = pod
		default:
			p.remove = append(p.remove, pod)
		}
	}
	if fresh != nil && old != nil && (!pods.Ready(old) || pods.Available(fresh, ds.Spec.MinReadySeconds, now)) {
		p.remove = append(p.remove, old)
	}
}

// roll replaces pods of older templates, within bounds.
func (p *plan) roll(ds *appsv1.DaemonSet, hash string, places []place, now time.Time) {
	surge, unavailable := bounds(ds, int(p.status.DesiredNumberScheduled))
	var broken, sound []*corev1.Pod // old ones that may be replaced
	busy := 0
	for _, pl := range places {
		if !pl.run {
			continue
		}
		var fresh, old *corev1.Pod
		for _, pod := range pl.pods {
			if pod.DeletionTimestamp != nil || pods.Terminal(pod) || slices.Contains(p.remove, pod) {
				continue
			}
			if updated(ds, hash, pod) {
				fresh = pod
			} else {
				old = pod
			}
		}
		switch {
		case old == nil && fresh != nil && (surge > 0 || pods.Available(fresh, ds.Spec.MinReadySeconds, now)):
		case old != nil && fresh == nil && !pods.Available(old, ds.Spec.MinReadySeconds, now):
			broken = append(broken, old)
			busy++
		case old != nil && fresh == nil:
			sound = append(sound, old)
		default:
			busy++
		}
	}
	if surge > 0 {
		busy -= len(broken) // what is broken is replaced at no cost
		for _, pod := range append(broken, sound[:max(0, min(surge-busy, len(sound)))]...) {
			p.create = append(p.create, nodeOf(pod))
		}
		return
	}
	p.remove = append(p.remove, broken...)
	p.remove = append(p.remove, sound[:max(0, min(unavailable-busy, len(sound)))]...)
}

// bounds are how many nodes may have two pods, and how many none, during an update.
func bounds(ds *appsv1.DaemonSet, desired int) (surge, unavailable int) {
	r := ds.Spec.UpdateStrategy.RollingUpdate
	if ds.Spec.UpdateStrategy.Type != appsv1.RollingUpdateDaemonSetStrategyType || r == nil {
		return 0, 1
	}
	value := func(v *intstr.IntOrString) int {
		n, err := intstr.GetScaledValueFromIntOrPercent(intstr.ValueOrDefault(v, intstr.FromInt32(0)), desired, true)
		if err != nil {
			return 0 // validation lets no such value in
		}
		return n
	}
	surge, unavailable = value(r.MaxSurge), value(r.MaxUnavailable)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return surge, unavailable
}

func (p *plan) count(ds *appsv1.DaemonSet, hash string, places []place, now time.Time) {
	s := appsv1.DaemonSetStatus{ObservedGeneration: ds.Generation, CollisionCount: ds.Status.CollisionCount, Conditions: ds.Status.Conditions}
	for _, pl := range places {
		if !pl.run {
			if len(pl.pods) > 0 {
				s.NumberMisscheduled++
			}
			continue
		}
		s.DesiredNumberScheduled++
		if len(pl.pods) == 0 {
			continue
		}
		s.CurrentNumberScheduled++
		first := pl.pods[0]
		if in, ready := pods.AvailableIn(first, ds.Spec.MinReadySeconds, now); ready {
			s.NumberReady++
			if in == 0 {
				s.NumberAvailable++
			} else if p.after == 0 || in < p.after {
				p.after = in
			}
		}
		// An update that surges is done on the node as soon as the new pod is there and works.
		if slices.ContainsFunc(pl.pods, func(pod *corev1.Pod) bool { return pod == first && updated(ds, hash, pod) }) {
			s.UpdatedNumberScheduled++
		}
	}
	s.NumberUnavailable = s.DesiredNumberScheduled - s.NumberAvailable
	p.status = s
}
