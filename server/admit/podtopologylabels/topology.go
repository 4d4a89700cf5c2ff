// Package podtopologylabels is the plugin PodTopologyLabels: a pod that is bound to a node gets the node's zone
// and region, so that it can read them as its own labels (KEP-4742).
package podtopologylabels

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is PodTopologyLabels.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "PodTopologyLabels" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate copies the labels onto a Binding, from where they reach the pod, or onto a pod that is made with its
// node named. A node that is not there has no labels; that it is missing is not for this plugin to say.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	if a.Resource.Group != "" || a.Resource.Plural != "pods" {
		return nil
	}
	var at metav1.Object
	node := ""
	switch obj := a.Object.(type) {
	case *corev1.Pod:
		if a.Subresource == "" {
			at, node = obj, obj.Spec.NodeName
		}
	case *corev1.Binding:
		if a.Subresource == "binding" && obj.Target.Kind == "Node" {
			at, node = obj, obj.Target.Name
		}
	}
	if node == "" {
		return nil
	}
	labels, err := p.topology(ctx, node)
	if err != nil || len(labels) == 0 {
		return err
	}
	all := at.GetLabels()
	if all == nil {
		all = map[string]string{}
	}
	for k, v := range labels {
		all[k] = v
	}
	at.SetLabels(all)
	return nil
}

func (p *Plugin) topology(ctx context.Context, name string) (map[string]string, error) {
	node, err := p.reader.Get(ctx, "", "nodes", "", name)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, key := range []string{corev1.LabelTopologyZone, corev1.LabelTopologyRegion} {
		if value, ok := node.GetLabels()[key]; ok {
			out[key] = value
		}
	}
	return out, nil
}
