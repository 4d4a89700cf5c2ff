// Package defaulttolerationseconds is the plugin DefaultTolerationSeconds: a pod that says nothing of nodes
// that are not ready or unreachable stays on them for a while, and not forever.
package defaulttolerationseconds

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Seconds is how long, unless the flags --default-not-ready-toleration-seconds and
// --default-unreachable-toleration-seconds say otherwise.
const Seconds = 300

// Plugin is DefaultTolerationSeconds.
type Plugin struct{ notReady, unreachable int64 }

// New returns the plugin with the seconds that pods stay on nodes that are not ready, or unreachable.
func New(notReady, unreachable int64) *Plugin { return &Plugin{notReady, unreachable} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "DefaultTolerationSeconds" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Mutate adds the tolerations that are missing.
func (p *Plugin) Mutate(_ context.Context, a *admit.Attributes) error {
	if !a.Is("", "pods") {
		return nil
	}
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return nil
	}
	var notReady, unreachable bool
	for _, t := range pod.Spec.Tolerations {
		if t.Effect != corev1.TaintEffectNoExecute && t.Effect != "" {
			continue
		}
		notReady = notReady || t.Key == corev1.TaintNodeNotReady || t.Key == ""
		unreachable = unreachable || t.Key == corev1.TaintNodeUnreachable || t.Key == ""
	}
	if !notReady {
		add(pod, corev1.TaintNodeNotReady, p.notReady)
	}
	if !unreachable {
		add(pod, corev1.TaintNodeUnreachable, p.unreachable)
	}
	return nil
}

func add(pod *corev1.Pod, key string, seconds int64) {
	pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{
		Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: &seconds,
	})
}
