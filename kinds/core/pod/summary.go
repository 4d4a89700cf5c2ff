package pod

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds/podspec"
)

// nodeLost is the reason that a pod has whose node does not answer.
const nodeLost = "NodeLost"

// summary is a pod in a few words, as tables show it.
type summary struct {
	ready, total int
	state        string
	restarts     int
	lastRestart  metav1.Time
}

func summarize(pod *corev1.Pod) summary {
	s := summary{total: len(pod.Spec.Containers), state: string(pod.Status.Phase)}
	if pod.Status.Reason != "" {
		s.state = pod.Status.Reason
	}
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodScheduled && c.Reason == corev1.PodReasonSchedulingGated {
			s.state = corev1.PodReasonSchedulingGated
		}
	}
	sidecars := map[string]bool{}
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; podspec.IsSidecar(c) {
			sidecars[c.Name] = true
			s.total++
		}
	}
	ofSidecars, initializing := s.init(pod, sidecars)
	if !initializing || condition(pod, corev1.PodInitialized) == corev1.ConditionTrue {
		// Init containers are done: of them only those count that run on.
		s.restarts, s.lastRestart = ofSidecars.restarts, ofSidecars.lastRestart
		s.containers(pod)
	}
	if pod.DeletionTimestamp != nil {
		switch {
		case pod.Status.Reason == nodeLost:
			s.state = "Unknown"
		case pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed:
			s.state = "Terminating"
		}
	}
	return s
}

func (s *summary) restarted(c *corev1.ContainerStatus) {
	s.restarts += int(c.RestartCount)
	if t := c.LastTerminationState.Terminated; t != nil && s.lastRestart.Before(&t.FinishedAt) {
		s.lastRestart = t.FinishedAt
	}
}

// init looks at the init containers up to the first that is not done, and reports whether there is one.
func (s *summary) init(pod *corev1.Pod, sidecars map[string]bool) (ofSidecars summary, initializing bool) {
	for i := range pod.Status.InitContainerStatuses {
		c := &pod.Status.InitContainerStatuses[i]
		sidecar := sidecars[c.Name]
		s.restarted(c)
		if sidecar {
			ofSidecars.restarted(c)
		}
		ended, waiting := c.State.Terminated, c.State.Waiting
		switch {
		case ended != nil && ended.ExitCode == 0:
			continue
		case sidecar && c.Started != nil && *c.Started:
			if c.Ready {
				s.ready++
			}
			continue
		case ended != nil:
			s.state = "Init:" + endedBecause(ended)
		case waiting != nil && waiting.Reason != "" && waiting.Reason != "PodInitializing":
			s.state = "Init:" + waiting.Reason
		default:
			s.state = fmt.Sprintf("Init:%d/%d", i, len(pod.Spec.InitContainers))
		}
		return ofSidecars, true
	}
	return ofSidecars, false
}

func endedBecause(t *corev1.ContainerStateTerminated) string {
	switch {
	case t.Reason != "":
		return t.Reason
	case t.Signal != 0:
		return fmt.Sprintf("Signal:%d", t.Signal)
	}
	return fmt.Sprintf("ExitCode:%d", t.ExitCode)
}

// containers lets the first container that waits or ended name the state.
func (s *summary) containers(pod *corev1.Pod) {
	running, failure := false, ""
	for i := len(pod.Status.ContainerStatuses) - 1; i >= 0; i-- {
		c := &pod.Status.ContainerStatuses[i]
		s.restarted(c)
		switch {
		case c.State.Waiting != nil && c.State.Waiting.Reason != "":
			s.state = c.State.Waiting.Reason
		case c.State.Terminated != nil:
			s.state = endedBecause(c.State.Terminated)
			if c.State.Terminated.ExitCode != 0 {
				failure = s.state
			}
		case c.Ready && c.State.Running != nil:
			running = true
			s.ready++
		}
	}
	if s.state != "Completed" || !running {
		return
	}
	switch {
	case condition(pod, corev1.PodReady) == corev1.ConditionTrue:
		s.state = "Running"
	case failure != "":
		s.state = failure
	default:
		s.state = "NotReady"
	}
}
