package statefulset

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/nave-k8s/nave/control/pods"
)

// plan is what one look at a stateful set decides.
type plan struct {
	create []*corev1.Pod
	ended  []*corev1.Pod // to delete, so that they are made anew
	remove []*corev1.Pod // too many, or of an old version
	status appsv1.StatefulSetStatus
	after  time.Duration

	set             *appsv1.StatefulSet
	current, update version
	now             time.Time
}

// makePlan decides. mine are the set's pods.
func makePlan(set *appsv1.StatefulSet, current, update version, mine []*corev1.Pod, now time.Time) *plan {
	p := &plan{set: set, current: current, update: update, now: now}
	p.count(mine)
	if set.DeletionTimestamp != nil {
		return p
	}
	slots := make([]*corev1.Pod, count(set))
	var condemned []*corev1.Pod
	for _, pod := range mine {
		n, ok := ordinalOf(set, pod.Name)
		switch {
		case !ok:
		case inRange(set, n):
			slots[n-first(set)] = pod
		default:
			condemned = append(condemned, pod)
		}
	}
	slices.SortFunc(condemned, func(a, b *corev1.Pod) int { return p.ordinal(b) - p.ordinal(a) })
	if p.fill(slots) && p.shrink(slots, condemned) && set.Spec.UpdateStrategy.Type != appsv1.OnDeleteStatefulSetStrategyType {
		p.roll(slots)
	}
	return p
}

func (p *plan) ordinal(pod *corev1.Pod) int {
	n, _ := ordinalOf(p.set, pod.Name)
	return n
}

// ordered reports whether pods come and go one after the other.
func (p *plan) ordered() bool {
	return p.set.Spec.PodManagementPolicy != appsv1.ParallelPodManagement
}

func (p *plan) available(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodRunning && pods.Available(pod, p.set.Spec.MinReadySeconds, p.now)
}

// versionFor is the version in which a pod that is missing is made: an update that has not reached it does
// not reach it by its loss.
func (p *plan) versionFor(ordinal int) version {
	u := p.set.Spec.UpdateStrategy
	if u.Type == appsv1.RollingUpdateStatefulSetStrategyType || u.Type == "" {
		until := first(p.set) + int(p.set.Status.CurrentReplicas)
		if u.RollingUpdate != nil {
			until = first(p.set) + int(partition(p.set))
		}
		if ordinal < until {
			return p.current
		}
	}
	return p.update
}

func partition(set *appsv1.StatefulSet) int32 {
	if r := set.Spec.UpdateStrategy.RollingUpdate; r != nil && r.Partition != nil {
		return *r.Partition
	}
	return 0
}

// fill makes pods that are missing. It reports whether nothing has to be waited for.
func (p *plan) fill(slots []*corev1.Pod) bool {
	for i, pod := range slots {
		switch {
		case pod == nil:
			ordinal := first(p.set) + i
			v := p.versionFor(ordinal)
			p.create = append(p.create, podFor(p.set, v, ordinal))
			p.counted(v.name, 1)
			if p.ordered() {
				return false
			}
		case pods.Terminal(pod) && pod.DeletionTimestamp == nil:
			p.ended = append(p.ended, pod)
			if p.ordered() {
				return false
			}
		case p.ordered() && (pod.DeletionTimestamp != nil || !p.available(pod)):
			return false
		}
	}
	return true
}

// shrink deletes pods beyond the range, the highest first.
func (p *plan) shrink(slots, condemned []*corev1.Pod) bool {
	for _, pod := range condemned {
		if pod.DeletionTimestamp != nil {
			if p.ordered() {
				return false
			}
			continue
		}
		if p.ordered() && !p.available(pod) && pod != p.lowestUnhealthy(slots, condemned) {
			return false
		}
		p.remove = append(p.remove, pod)
		if p.ordered() {
			return false
		}
	}
	return true
}

func (p *plan) lowestUnhealthy(slots, condemned []*corev1.Pod) *corev1.Pod {
	for _, pod := range slots {
		if pod != nil && !p.available(pod) {
			return pod
		}
	}
	for i := len(condemned) - 1; i >= 0; i-- {
		if !p.available(condemned[i]) {
			return condemned[i]
		}
	}
	return nil
}

// roll deletes pods of older versions down to the partition, the highest first, while no more than allowed
// are unavailable.
func (p *plan) roll(slots []*corev1.Pod) {
	allowed, gone := p.allowed(), 0
	for i := len(slots) - 1; i >= int(partition(p.set)); i-- {
		pod := slots[i]
		if pod == nil || slices.Contains(p.ended, pod) {
			gone++
			continue
		}
		if gone >= allowed {
			return
		}
		old := pod.Labels[appsv1.ControllerRevisionHashLabelKey] != p.update.name
		switch {
		case old && pod.DeletionTimestamp == nil:
			p.remove = append(p.remove, pod)
			gone++
		case pod.DeletionTimestamp != nil || !p.available(pod):
			gone++
		}
	}
}

// allowed is how many may be unavailable during an update.
func (p *plan) allowed() int {
	r := p.set.Spec.UpdateStrategy.RollingUpdate
	if r == nil || r.MaxUnavailable == nil {
		return 1
	}
	n, err := intstr.GetScaledValueFromIntOrPercent(r.MaxUnavailable, count(p.set), true)
	if err != nil {
		return 1 // validation lets no such value in
	}
	return max(1, n)
}

func (p *plan) counted(revision string, n int32) {
	p.status.Replicas += n
	if revision == p.current.name {
		p.status.CurrentReplicas += n
	}
	if revision == p.update.name {
		p.status.UpdatedReplicas += n
	}
}

// count is the status of what is there.
func (p *plan) count(mine []*corev1.Pod) {
	p.status = appsv1.StatefulSetStatus{
		ObservedGeneration: p.set.Generation, CurrentRevision: p.current.name, UpdateRevision: p.update.name,
		CollisionCount: p.set.Status.CollisionCount, Conditions: p.set.Status.Conditions,
	}
	if p.status.CollisionCount == nil {
		p.status.CollisionCount = new(int32)
	}
	for _, pod := range mine {
		p.status.Replicas++
		if pod.DeletionTimestamp == nil {
			p.counted(pod.Labels[appsv1.ControllerRevisionHashLabelKey], 1)
			p.status.Replicas--
		}
		if pod.Status.Phase != corev1.PodRunning {
			continue
		}
		in, ready := pods.AvailableIn(pod, p.set.Spec.MinReadySeconds, p.now)
		switch {
		case !ready:
			continue
		case in == 0:
			p.status.AvailableReplicas++
		case p.after == 0 || in < p.after:
			p.after = in
		}
		p.status.ReadyReplicas++
	}
}

// finish makes the new version the current one once all pods are of it.
func (p *plan) finish() {
	n, s := int32(count(p.set)), &p.status
	if p.set.Spec.UpdateStrategy.Type != appsv1.OnDeleteStatefulSetStrategyType &&
		s.UpdatedReplicas == n && s.ReadyReplicas == n && s.Replicas == n {
		s.CurrentReplicas, s.CurrentRevision = s.UpdatedReplicas, s.UpdateRevision
	}
}
