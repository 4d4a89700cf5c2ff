package quota

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	podresources "k8s.io/component-helpers/resource"

	"github.com/nave-k8s/nave/kinds"
)

const (
	requestsPrefix = "requests."
	limitsPrefix   = "limits."
)

// pods counts pods and what they compute with.
type pods struct{}

// computeNames are the resources that have a name as they stand, with requests. and with limits.
func computeNames() []corev1.ResourceName {
	return []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage}
}

func (pods) Matching(names []corev1.ResourceName) []corev1.ResourceName {
	var out []corev1.ResourceName
	for _, name := range names {
		if podName(string(name)) {
			out = append(out, name)
		}
	}
	return out
}

func podName(name string) bool {
	if name == "pods" || name == "count/pods" || strings.HasPrefix(name, corev1.ResourceHugePagesPrefix) {
		return true
	}
	bare, requests := strings.CutPrefix(name, requestsPrefix)
	if requests && (strings.HasPrefix(bare, corev1.ResourceHugePagesPrefix) || !native(name)) {
		return true
	}
	if !requests {
		bare = strings.TrimPrefix(name, limitsPrefix)
	}
	return slices.Contains(computeNames(), corev1.ResourceName(bare))
}

// native: not an extended resource.
func native(name string) bool {
	return !strings.Contains(name, "/") || strings.Contains(name, corev1.ResourceDefaultNamespacePrefix)
}

// Constraints: where cpu or memory is limited, each container must say how much it takes, unless the pod does.
func (pods) Constraints(names []corev1.ResourceName, obj kinds.Object) error {
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return fmt.Errorf("unexpected input object %T", obj)
	}
	var required []corev1.ResourceName
	for _, name := range names {
		bare := strings.TrimPrefix(strings.TrimPrefix(string(name), requestsPrefix), limitsPrefix)
		if bare == "cpu" || bare == "memory" {
			required = append(required, name)
		}
	}
	if len(required) == 0 {
		return nil
	}
	var whole corev1.ResourceList
	if r := pod.Spec.Resources; r != nil {
		whole = compute(r.Requests, r.Limits)
	}
	missing := map[corev1.ResourceName][]string{}
	for _, list := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for _, c := range list {
			used := compute(c.Resources.Requests, c.Resources.Limits)
			for _, name := range required {
				_, said := used[name]
				_, saidByPod := whole[name]
				if !said && !saidByPod {
					missing[name] = append(missing[name], c.Name)
				}
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var texts []string
	for _, name := range slices.Sorted(slices.Values(required)) {
		if containers := missing[name]; len(containers) > 0 {
			slices.Sort(containers)
			texts = append(texts, fmt.Sprintf("%s for: %s", name, strings.Join(slices.Compact(containers), ",")))
		}
	}
	return fmt.Errorf("must specify %s", strings.Join(texts, "; "))
}

// Usage: count/pods counts every pod there is, all else those that still run or will.
func (pods) Usage(obj kinds.Object, now time.Time) (corev1.ResourceList, error) {
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil, fmt.Errorf("expect *v1.Pod, got %T", obj)
	}
	out := corev1.ResourceList{"count/pods": one()}
	if over(pod, now) {
		return out, nil
	}
	options := podresources.PodResourcesOptions{UseStatusResources: true}
	for name, value := range compute(podresources.PodRequests(pod, options), podresources.PodLimits(pod, options)) {
		out[name] = value
	}
	out[corev1.ResourcePods] = one()
	return out, nil
}

// over: the pod has ended, or should have: a lost node must not keep others from running.
func over(pod *corev1.Pod, now time.Time) bool {
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return true
	}
	if pod.DeletionTimestamp == nil || pod.DeletionGracePeriodSeconds == nil {
		return false
	}
	return now.After(pod.DeletionTimestamp.Add(time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second))
}

// compute gives requests and limits the names that quotas have for them.
func compute(requests, limits corev1.ResourceList) corev1.ResourceList {
	out := corev1.ResourceList{}
	for _, name := range computeNames() {
		if value, ok := requests[name]; ok {
			out[name], out[requestsPrefix+name] = value, value
		}
		if value, ok := limits[name]; ok {
			out[limitsPrefix+name] = value
		}
	}
	for name, value := range requests {
		switch {
		case strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix):
			out[name], out[requestsPrefix+name] = value, value
		case !native(string(name)) && !strings.HasPrefix(string(name), requestsPrefix):
			out[requestsPrefix+name] = value
		}
	}
	return out
}

func (pods) ChangesWithUpdate() bool { return true }
