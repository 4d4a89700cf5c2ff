// Package podnodeselector is the plugin PodNodeSelector: the pods of a namespace run on the nodes that the
// namespace's annotation selects, or the configuration.
package podnodeselector

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/namespacelifecycle"
)

const (
	annotation     = "scheduler.alpha.kubernetes.io/node-selector"
	clusterDefault = "clusterDefaultNodeSelector"
)

// Plugin is PodNodeSelector.
type Plugin struct {
	reader admit.Reader
	// selectors are what namespaces may select at most, by name, and the default of all under clusterDefault.
	selectors map[string]labels.Set
}

// New returns the plugin. configuration is YAML: under podNodeSelectorPluginConfig selectors by namespace.
func New(reader admit.Reader, configuration []byte) (*Plugin, error) {
	var c struct {
		Selectors map[string]string `json:"podNodeSelectorPluginConfig"`
	}
	if err := yaml.Unmarshal(configuration, &c); err != nil {
		return nil, err
	}
	p := &Plugin{reader, map[string]labels.Set{}}
	for name, text := range c.Selectors {
		set, err := labels.ConvertSelectorToLabelsMap(text)
		if err != nil {
			return nil, err
		}
		p.selectors[name] = set
	}
	return p, nil
}

// Name is the plugin's name.
func (*Plugin) Name() string { return "PodNodeSelector" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate merges the namespace's selector into the pod's.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !a.Is("", "pods") {
		return nil
	}
	selector, err := p.selectorOf(ctx, a.Namespace)
	if err != nil {
		return err
	}
	if labels.Conflicts(selector, labels.Set(pod.Spec.NodeSelector)) {
		return conflict(a)
	}
	if len(selector) > 0 {
		pod.Spec.NodeSelector = labels.Merge(selector, labels.Set(pod.Spec.NodeSelector))
	}
	return p.Review(ctx, a)
}

// Review refuses a selector that is not the namespace's, or is more than the configuration lets it have.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !a.Is("", "pods") {
		return nil
	}
	selector, err := p.selectorOf(ctx, a.Namespace)
	if err != nil {
		return err
	}
	if labels.Conflicts(selector, labels.Set(pod.Spec.NodeSelector)) {
		return conflict(a)
	}
	allowed := p.selectors[a.Namespace]
	if len(allowed) == 0 {
		return nil
	}
	for key, value := range pod.Spec.NodeSelector {
		if !allowed.Has(key) || allowed.Get(key) != value {
			return admit.Forbidden(a, "pod node label selector labels conflict with its namespace whitelist")
		}
	}
	return nil
}

func conflict(a *admit.Attributes) error {
	return admit.Forbidden(a, "pod node label selector conflicts with its namespace node label selector")
}

func (p *Plugin) selectorOf(ctx context.Context, namespace string) (labels.Set, error) {
	ns, err := namespacelifecycle.Find(ctx, p.reader, namespace)
	if err != nil {
		return nil, err
	}
	if text, ok := ns.Annotations[annotation]; ok {
		return labels.ConvertSelectorToLabelsMap(text)
	}
	return p.selectors[clusterDefault], nil
}
