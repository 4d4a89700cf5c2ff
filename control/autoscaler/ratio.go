package autoscaler

import (
	"errors"
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/control/pods"
)

// Times after a pod's start in which its use of CPU says little.
const (
	cpuStart  = 5 * time.Minute  // unless it was ready for all of the sample's window
	firstWait = 30 * time.Second // before which a pod that is not ready was never ready
)

// tolerance is how far the use may be from what is wanted before anything is done.
type tolerance struct{ down, up float64 }

func (t tolerance) holds(ratio float64) bool { return 1-t.down <= ratio && ratio <= 1+t.up }

// sorted are pods by what their samples are worth.
type sorted struct {
	ready   []*corev1.Pod
	unready []*corev1.Pod // their samples say nothing
	missing []*corev1.Pod // they have none
}

func sortPods(all []*corev1.Pod, have samples, resource corev1.ResourceName, now time.Time) (out sorted) {
	for _, p := range all {
		s, ok := have[p.Name]
		switch {
		case p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodFailed:
		case p.Status.Phase == corev1.PodPending:
			out.unready = append(out.unready, p)
		case !ok:
			out.missing = append(out.missing, p)
		case resource == corev1.ResourceCPU && starting(p, s, now):
			out.unready = append(out.unready, p)
		default:
			out.ready = append(out.ready, p)
		}
	}
	return out
}

func starting(p *corev1.Pod, s sample, now time.Time) bool {
	c := pods.Condition(p, corev1.PodReady)
	if c == nil || p.Status.StartTime == nil {
		return true
	}
	if p.Status.StartTime.Add(cpuStart).After(now) {
		return c.Status == corev1.ConditionFalse || s.at.Before(c.LastTransitionTime.Add(s.window))
	}
	return c.Status == corev1.ConditionFalse && p.Status.StartTime.Add(firstWait).After(c.LastTransitionTime.Time)
}

// demand is what one metric asks for.
type demand struct {
	current  int32
	want     int64 // of each pod; percent of its request if requests is set
	requests map[string]int64
	tol      tolerance
}

// replicas is how many pods bring the average to what is wanted. Pods that nothing is known of are taken for
// those that make the change smaller. It returns the average, and in percent if there are requests.
func (d demand) replicas(p sorted, have samples) (n int32, average int64, percent int32, err error) {
	use := map[string]int64{}
	for _, pod := range p.ready {
		use[pod.Name] = have[pod.Name].value
	}
	ratio, average, percent, err := d.ratio(use)
	if err != nil {
		return 0, 0, 0, err
	}
	rescue := len(p.unready) > 0 && ratio > 1
	if !rescue && len(p.missing) == 0 {
		if d.tol.holds(ratio) {
			return d.current, average, percent, nil
		}
		return int32(math.Ceil(ratio * float64(len(p.ready)))), average, percent, nil
	}
	for _, pod := range p.missing {
		switch {
		case ratio > 1:
			use[pod.Name] = 0
		case ratio < 1 && d.requests != nil:
			use[pod.Name] = d.requests[pod.Name] * max(100, d.want) / 100
		case ratio < 1:
			use[pod.Name] = d.want
		}
	}
	if rescue {
		for _, pod := range p.unready {
			use[pod.Name] = 0
		}
	}
	again, _, _, err := d.ratio(use)
	if err != nil {
		return 0, 0, 0, err
	}
	if d.tol.holds(again) || ratio < 1 && again > 1 || ratio > 1 && again < 1 {
		return d.current, average, percent, nil // what is not known might turn it around
	}
	n = int32(math.Ceil(again * float64(len(use))))
	if again < 1 && n > d.current || again > 1 && n < d.current {
		n = d.current
	}
	return n, average, percent, nil
}

func (d demand) ratio(use map[string]int64) (ratio float64, average int64, percent int32, err error) {
	var sum, requested int64
	for name, v := range use {
		sum += v
		if d.requests != nil {
			requested += d.requests[name]
		}
	}
	if len(use) == 0 {
		return 0, 0, 0, errors.New("did not receive metrics for targeted pods (pods might be unready)")
	}
	average = sum / int64(len(use))
	if d.requests == nil {
		return float64(average) / float64(d.want), average, 0, nil
	}
	if requested == 0 {
		return 0, 0, 0, errors.New("no metrics returned matched known pods")
	}
	percent = int32(sum * 100 / requested)
	return float64(percent) / float64(d.want), average, percent, nil
}

// requestsOf is what pods ask for of a resource; all of them must.
func requestsOf(all []*corev1.Pod, resource corev1.ResourceName, container string) (map[string]int64, error) {
	out := map[string]int64{}
	for _, p := range all {
		if r := p.Spec.Resources; container == "" && r != nil {
			if q, ok := r.Requests[resource]; ok {
				out[p.Name] = q.MilliValue()
				continue
			}
		}
		var sum int64
		containers := append([]corev1.Container(nil), p.Spec.Containers...)
		for _, c := range p.Spec.InitContainers {
			if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
				containers = append(containers, c)
			}
		}
		for _, c := range containers {
			if container != "" && c.Name != container {
				continue
			}
			q, ok := c.Resources.Requests[resource]
			if !ok {
				return nil, fmt.Errorf("missing request for %s in container %s of Pod %s", resource, c.Name, p.Name)
			}
			sum += q.MilliValue()
		}
		out[p.Name] = sum
	}
	return out, nil
}
