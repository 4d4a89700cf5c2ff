// Package limitranger is the plugin LimitRanger: containers get the requests and limits that a LimitRange of
// their namespace gives, and pods and claims that are too large or too small are refused.
package limitranger

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// annotation tells what was set.
const annotation = "kubernetes.io/limit-ranger"

// Plugin is LimitRanger.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "LimitRanger" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Mutate sets requests and limits that a pod's containers leave out, on /resize too.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !concerned(a) {
		return nil
	}
	ranges, err := p.ranges(ctx, a)
	if err != nil {
		return err
	}
	for _, r := range ranges {
		setDefaults(pod, r)
	}
	return nil
}

// Review refuses what is out of range, and names everything that is.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	if !concerned(a) {
		return nil
	}
	ranges, err := p.ranges(ctx, a)
	if err != nil {
		return err
	}
	for _, r := range ranges {
		var faults []string
		switch obj := a.Object.(type) {
		case *corev1.Pod:
			faults = checkPod(obj, r)
		case *corev1.PersistentVolumeClaim:
			faults = checkClaim(obj, r)
		}
		if len(faults) > 0 {
			return admit.Forbidden(a, "%s", joined(faults))
		}
	}
	return nil
}

// concerned: resources of a pod change by its creation and by /resize alone.
func concerned(a *admit.Attributes) bool {
	if a.Resource.Group != "" {
		return false
	}
	switch a.Resource.Plural {
	case "pods":
		if a.Operation == admit.Update && a.Subresource != "resize" || a.Operation == admit.Create && a.Subresource != "" {
			return false
		}
	case "persistentvolumeclaims":
		if a.Subresource != "" {
			return false
		}
	default:
		return false
	}
	old, ok := a.OldObject.(metav1.Object)
	return !ok || old.GetDeletionTimestamp() == nil
}

func (p *Plugin) ranges(ctx context.Context, a *admit.Attributes) ([]*corev1.LimitRange, error) {
	all, err := p.reader.List(ctx, "", "limitranges", a.Namespace)
	if err != nil {
		return nil, admit.Forbidden(a, "unable to %s %v at this time because there was an error enforcing limit ranges: %w", a.Operation, a.Resource.Plural, err)
	}
	out := make([]*corev1.LimitRange, 0, len(all))
	for _, obj := range all {
		r, ok := obj.(*corev1.LimitRange)
		if !ok {
			return nil, fmt.Errorf("limit range is a %T", obj)
		}
		out = append(out, r)
	}
	return out, nil
}

// joined is how several faults are shown as one.
func joined(faults []string) string {
	if len(faults) == 1 {
		return faults[0]
	}
	return "[" + strings.Join(faults, ", ") + "]"
}
