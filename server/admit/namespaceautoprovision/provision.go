// Package namespaceautoprovision is the plugin NamespaceAutoProvision: a namespace comes to be when the first
// object is made in it.
package namespaceautoprovision

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/namespacelifecycle"
)

// Plugin is NamespaceAutoProvision.
type Plugin struct {
	reader admit.Reader
	writer admit.Writer
}

// New returns the plugin.
func New(reader admit.Reader, writer admit.Writer) *Plugin { return &Plugin{reader, writer} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "NamespaceAutoProvision" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate makes the namespace. It changes nothing of the object.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	if a.DryRun || a.Namespace == "" || a.Resource.Group == "" && a.Resource.Plural == "namespaces" {
		return nil
	}
	_, err := namespacelifecycle.Find(ctx, p.reader, a.Namespace)
	if err == nil {
		return nil
	}
	if !apierrors.IsNotFound(err) {
		return admit.Forbidden(a, "%w", err)
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: a.Namespace}}
	if err := p.writer.Create(ctx, "", "namespaces", ns); err != nil && !apierrors.IsAlreadyExists(err) {
		return admit.Forbidden(a, "%w", err)
	}
	return nil
}
