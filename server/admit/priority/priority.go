// Package priority is the plugin Priority: it turns the name of a pod's priority class into a number and a
// preemption policy, and keeps a second class from becoming the default.
package priority

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
)

const group = schedulingv1.GroupName

// Plugin is Priority.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "Priority" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Mutate sets priority, preemption policy and, where there is a default class, the class's name of a new pod.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	if !a.Is("", "pods") {
		return nil
	}
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return nil
	}
	if a.Operation == admit.Update {
		keep(pod, a.OldObject)
		return nil
	}
	class, err := p.classOf(ctx, a, pod)
	if err != nil {
		return err
	}
	pod.Spec.PriorityClassName = class.Name
	if have := pod.Spec.Priority; have != nil && *have != class.Value {
		return admit.Forbidden(a, "the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *have, class.Value)
	}
	value := class.Value
	pod.Spec.Priority = &value
	if class.PreemptionPolicy == nil {
		return nil
	}
	policy := *class.PreemptionPolicy
	if have := pod.Spec.PreemptionPolicy; have != nil && *have != policy {
		return admit.Forbidden(a, "the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name", *have, policy)
	}
	pod.Spec.PreemptionPolicy = &policy
	return nil
}

// keep carries over what this plugin set on create: a client that sends its first manifest again means no
// change.
func keep(pod *corev1.Pod, old any) {
	was, ok := old.(*corev1.Pod)
	if !ok || was == nil {
		return
	}
	if pod.Spec.Priority == nil {
		pod.Spec.Priority = was.Spec.Priority
	}
	if pod.Spec.PreemptionPolicy == nil {
		pod.Spec.PreemptionPolicy = was.Spec.PreemptionPolicy
	}
}

func (p *Plugin) classOf(ctx context.Context, a *admit.Attributes, pod *corev1.Pod) (*schedulingv1.PriorityClass, error) {
	name := pod.Spec.PriorityClassName
	if name == "" {
		class, err := p.defaultClass(ctx)
		if err != nil {
			return nil, fmt.Errorf("failed to get default priority class: %w", err)
		}
		if class == nil {
			policy := corev1.PreemptLowerPriority
			class = &schedulingv1.PriorityClass{PreemptionPolicy: &policy}
		}
		return class, nil
	}
	obj, err := p.reader.Get(ctx, group, "priorityclasses", "", name)
	if apierrors.IsNotFound(err) {
		return nil, admit.Forbidden(a, "no PriorityClass with name %v was found", name)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to get PriorityClass with name %s: %w", name, err)
	}
	class, ok := obj.(*schedulingv1.PriorityClass)
	if !ok {
		return nil, fmt.Errorf("PriorityClass is a %T", obj)
	}
	return class, nil
}

// defaultClass returns the class of pods that name none; nil if there is none. Of several, which only a race
// can make, the one with the lowest value counts.
func (p *Plugin) defaultClass(ctx context.Context) (*schedulingv1.PriorityClass, error) {
	all, err := p.reader.List(ctx, group, "priorityclasses", "")
	if err != nil {
		return nil, err
	}
	var found *schedulingv1.PriorityClass
	for _, obj := range all {
		if c, ok := obj.(*schedulingv1.PriorityClass); ok && c.GlobalDefault && (found == nil || c.Value < found.Value) {
			found = c
		}
	}
	return found, nil
}

// Review refuses a second default class.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	if !a.Is(group, "priorityclasses") {
		return nil
	}
	class, ok := a.Object.(*schedulingv1.PriorityClass)
	if !ok || !class.GlobalDefault {
		return nil
	}
	found, err := p.defaultClass(ctx)
	if err != nil {
		return fmt.Errorf("failed to get default priority class: %w", err)
	}
	if found != nil && (a.Operation == admit.Create || found.Name != class.Name) {
		return admit.Forbidden(a, "PriorityClass %v is already marked as default. Only one default can exist", found.Name)
	}
	return nil
}
