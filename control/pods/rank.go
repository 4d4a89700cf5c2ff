package pods

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// DeletionCost is the annotation by which users say which pods to keep.
const DeletionCost = "controller.kubernetes.io/pod-deletion-cost"

// SortForDeletion puts first the pods that are missed least: not on a node yet, pending, not ready, cheap by
// annotation, beside many of their like on one node (related), ready and living for the shorter time, often
// restarted. Times are compared by their order of magnitude (KEP-2185), so that pods of about one age are
// chosen as if at random.
func SortForDeletion(pods []*corev1.Pod, related []*corev1.Pod, now time.Time) {
	onNode := map[string]int{}
	for _, p := range related {
		if Active(p) {
			onNode[p.Spec.NodeName]++
		}
	}
	slices.SortFunc(pods, func(a, b *corev1.Pod) int {
		return cmp.Or(
			before(a.Spec.NodeName == "", b.Spec.NodeName == ""),
			cmp.Compare(phaseOrder(a), phaseOrder(b)),
			before(!Ready(a), !Ready(b)),
			cmp.Compare(cost(a), cost(b)),
			cmp.Compare(onNode[b.Spec.NodeName], onNode[a.Spec.NodeName]),
			youngerIfReady(a, b, now),
			cmp.Compare(restarts(b, false), restarts(a, false)),
			cmp.Compare(restarts(b, true), restarts(a, true)),
			younger(a.CreationTimestamp, b.CreationTimestamp, now),
			cmp.Compare(a.UID, b.UID),
		)
	})
}

func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func phaseOrder(p *corev1.Pod) int {
	switch p.Status.Phase {
	case corev1.PodUnknown:
		return 1
	case corev1.PodRunning:
		return 2
	}
	return 0
}

func cost(p *corev1.Pod) int32 {
	n, err := strconv.ParseInt(p.Annotations[DeletionCost], 10, 32)
	if err != nil {
		return 0 // the annotation is validated when it is written
	}
	return int32(n)
}

func youngerIfReady(a, b *corev1.Pod, now time.Time) int {
	if !Ready(a) || !Ready(b) {
		return 0
	}
	return younger(Condition(a, corev1.PodReady).LastTransitionTime, Condition(b, corev1.PodReady).LastTransitionTime, now)
}

// younger puts the later time first; none at all is the latest.
func younger(a, b metav1.Time, now time.Time) int {
	if a.IsZero() || b.IsZero() {
		return before(a.IsZero() && !b.IsZero(), b.IsZero() && !a.IsZero())
	}
	return cmp.Compare(magnitude(now.Sub(a.Time)), magnitude(now.Sub(b.Time)))
}

func magnitude(age time.Duration) int {
	if age <= 0 {
		return -1
	}
	return int(math.Log2(float64(age)))
}

// restarts is the most that a container of the pod was started again, or a sidecar.
func restarts(p *corev1.Pod, sidecars bool) (n int32) {
	if !sidecars {
		for _, s := range p.Status.ContainerStatuses {
			n = max(n, s.RestartCount)
		}
		return n
	}
	for _, c := range p.Spec.InitContainers {
		if c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways {
			continue
		}
		for _, s := range p.Status.InitContainerStatuses {
			if s.Name == c.Name {
				n = max(n, s.RestartCount)
			}
		}
	}
	return n
}
