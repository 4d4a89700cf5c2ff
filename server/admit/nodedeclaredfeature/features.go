// Package nodedeclaredfeature is the plugin NodeDeclaredFeatureValidator: a pod on a node is not changed in a way
// that the node's kubelet has not declared it can follow (KEP-5328). Which change needs which feature is the
// knowledge of k8s.io/component-helpers/nodedeclaredfeatures.
package nodedeclaredfeature

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/component-helpers/nodedeclaredfeatures"
	"k8s.io/component-helpers/nodedeclaredfeatures/types"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is NodeDeclaredFeatureValidator.
type Plugin struct {
	reader  admit.Reader
	version *version.Version
}

// New returns the plugin; release is the Kubernetes release that is spoken, "1.37.2". A feature that is too old
// to be declared in it is not asked for.
func New(reader admit.Reader, release string) (*Plugin, error) {
	v, err := version.ParseSemantic(release)
	if err != nil {
		return nil, err
	}
	return &Plugin{reader, v}, nil
}

// Name is the plugin's name.
func (*Plugin) Name() string { return "NodeDeclaredFeatureValidator" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Update }

// Review refuses an update of a pod's spec that its node has no feature for.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	pod, old := Changed(a, "", "resize")
	if pod == nil {
		return nil
	}
	framework := nodedeclaredfeatures.DefaultFramework
	needed, err := framework.InferForPodUpdate(
		&types.PodInfo{Spec: &old.Spec, Status: &old.Status}, &types.PodInfo{Spec: &pod.Spec, Status: &pod.Status}, p.version)
	if err != nil {
		return admit.Forbidden(a, "failed to infer pod capability requirements: %w", err)
	}
	if needed.IsEmpty() {
		return nil
	}
	node, err := Node(ctx, p.reader, a, pod.Spec.NodeName)
	if err != nil {
		return err
	}
	result, err := framework.MatchNode(needed, node)
	if err != nil {
		return admit.Forbidden(a, "failed to match pod requirements against node %q: %w", node.Name, err)
	}
	if !result.IsMatch {
		return admit.Forbidden(a, "pod update requires features %s which are not available on node %q", strings.Join(result.UnsatisfiedRequirements, ", "), node.Name)
	}
	return nil
}

// Changed returns the pod on a node whose spec the write changes, through one of these subresources, and what it
// was; nil for all other writes. The generation tells: it rises with the spec alone.
func Changed(a *admit.Attributes, subresources ...string) (pod, old *corev1.Pod) {
	if a.Resource.Group != "" || a.Resource.Plural != "pods" || a.Operation != admit.Update {
		return nil, nil
	}
	for _, sub := range subresources {
		if sub != a.Subresource {
			continue
		}
		pod, ok := a.Object.(*corev1.Pod)
		old, wasOne := a.OldObject.(*corev1.Pod)
		if ok && wasOne && pod.Spec.NodeName != "" && pod.Generation != old.Generation {
			return pod, old
		}
	}
	return nil, nil
}

// Node returns the node, or a Forbidden error.
func Node(ctx context.Context, reader admit.Reader, a *admit.Attributes, name string) (*corev1.Node, error) {
	obj, err := reader.Get(ctx, "", "nodes", "", name)
	if apierrors.IsNotFound(err) {
		return nil, admit.Forbidden(a, "node %q not found", name)
	}
	if err != nil {
		return nil, admit.Forbidden(a, "failed to get node %q: %w", name, err)
	}
	node, ok := obj.(*corev1.Node)
	if !ok {
		return nil, fmt.Errorf("node is a %T", obj)
	}
	return node, nil
}
