// Package runtimeclass is the plugin RuntimeClass: a pod of a runtime class gets the overhead, node selector and
// tolerations of the class, and no other pod has an overhead.
package runtimeclass

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/tolerations"
)

// Plugin is RuntimeClass.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "RuntimeClass" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate sets what the class says, and refuses a pod that says otherwise.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	pod, class, err := p.classOf(ctx, a)
	if class == nil || err != nil {
		return err
	}
	if class.Overhead != nil {
		if pod.Spec.Overhead != nil && !apiequality.Semantic.DeepEqual(class.Overhead.PodFixed, pod.Spec.Overhead) {
			return otherOverhead(a)
		}
		pod.Spec.Overhead = class.Overhead.PodFixed.DeepCopy()
	}
	if class.Scheduling == nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(class.Scheduling.NodeSelector)) {
		value := class.Scheduling.NodeSelector[key]
		if own, ok := pod.Spec.NodeSelector[key]; ok && own != value {
			return admit.Forbidden(a, "conflict: runtimeClass.scheduling.nodeSelector[%s] = %s; pod.spec.nodeSelector[%s] = %s", key, value, key, own)
		}
		if pod.Spec.NodeSelector == nil {
			pod.Spec.NodeSelector = map[string]string{}
		}
		pod.Spec.NodeSelector[key] = value
	}
	pod.Spec.Tolerations = tolerations.Merge(pod.Spec.Tolerations, class.Scheduling.Tolerations)
	return nil
}

// Review refuses an overhead that is not the class's.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	pod, class, err := p.classOf(ctx, a)
	if pod == nil || err != nil {
		return err
	}
	if class != nil && class.Overhead != nil {
		if !apiequality.Semantic.DeepEqual(class.Overhead.PodFixed, pod.Spec.Overhead) {
			return otherOverhead(a)
		}
		return nil
	}
	if pod.Spec.Overhead != nil {
		return admit.Forbidden(a, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
	}
	return nil
}

func otherOverhead(a *admit.Attributes) error {
	return admit.Forbidden(a, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
}

// classOf returns the pod of the write, nil if it is about something else, and its class, nil if it has none.
func (p *Plugin) classOf(ctx context.Context, a *admit.Attributes) (*corev1.Pod, *nodev1.RuntimeClass, error) {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !a.Is("", "pods") {
		return nil, nil, nil
	}
	if pod.Spec.RuntimeClassName == nil {
		return pod, nil, nil
	}
	name := *pod.Spec.RuntimeClassName
	if name == "" {
		return nil, nil, errors.New("resource name may not be empty")
	}
	obj, err := p.reader.Get(ctx, nodev1.GroupName, "runtimeclasses", "", name)
	if apierrors.IsNotFound(err) {
		if err := p.reader.Sync(ctx); err != nil {
			return nil, nil, err
		}
		obj, err = p.reader.Get(ctx, nodev1.GroupName, "runtimeclasses", "", name)
	}
	if apierrors.IsNotFound(err) {
		return nil, nil, admit.Forbidden(a, "pod rejected: RuntimeClass %q not found", name)
	}
	if err != nil {
		return nil, nil, err
	}
	class, ok := obj.(*nodev1.RuntimeClass)
	if !ok {
		return nil, nil, fmt.Errorf("RuntimeClass is a %T", obj)
	}
	return pod, class, nil
}
