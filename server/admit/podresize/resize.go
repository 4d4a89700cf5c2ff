// Package podresize is the plugin PodResizeValidator: a pod is not resized to what its node does not have at all.
// Whether the node has it free is the kubelet's to decide.
package podresize

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	podresources "k8s.io/component-helpers/resource"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/nodedeclaredfeature"
)

// Plugin is PodResizeValidator.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "PodResizeValidator" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Update }

// Review refuses a resize that can never happen.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	pod, _ := nodedeclaredfeature.Changed(a, "resize")
	if pod == nil {
		return nil
	}
	node, err := nodedeclaredfeature.Node(ctx, p.reader, a, pod.Spec.NodeName)
	if err != nil {
		return err
	}
	if os, ok := node.Labels[corev1.LabelOSStable]; ok && os != string(corev1.Linux) {
		return refuse(a, "UnsupportedPlatform", fmt.Sprintf("pod resize is only supported on linux nodes, node %q is %q", node.Name, os))
	}
	requests := podresources.PodRequests(pod, podresources.PodResourcesOptions{})
	var lacking []string
	if want, have := requests.Cpu(), node.Status.Allocatable.Cpu(); want.Cmp(*have) > 0 {
		lacking = append(lacking, fmt.Sprintf("cpu, requested: %d, allocatable: %d", want.MilliValue(), have.MilliValue()))
	}
	if want, have := requests.Memory(), node.Status.Allocatable.Memory(); want.Cmp(*have) > 0 {
		lacking = append(lacking, fmt.Sprintf("memory, requested: %d, allocatable: %d", want.Value(), have.Value()))
	}
	if len(lacking) > 0 {
		return refuse(a, "NodeCapacity", "node didn't have enough allocatable resources: "+strings.Join(lacking, "; "))
	}
	return nil
}

func refuse(a *admit.Attributes, cause metav1.CauseType, text string) error {
	err := admit.Forbidden(a, "%s", text)
	if status, ok := err.(*apierrors.StatusError); ok {
		status.ErrStatus.Details.Causes = append(status.ErrStatus.Details.Causes, metav1.StatusCause{Type: cause})
	}
	return err
}
