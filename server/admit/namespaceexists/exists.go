// Package namespaceexists is the plugin NamespaceExists: what NamespaceLifecycle says of missing namespaces, for
// deletions too and after validation. It is for clusters that run without NamespaceLifecycle.
package namespaceexists

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/namespacelifecycle"
)

// Plugin is NamespaceExists.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "NamespaceExists" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op != admit.Connect }

// Review refuses a write in a namespace that is not there.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	if a.Namespace == "" || a.Resource.Group == "" && a.Resource.Plural == "namespaces" {
		return nil
	}
	_, err := namespacelifecycle.Find(ctx, p.reader, a.Namespace)
	if err != nil && !apierrors.IsNotFound(err) {
		return apierrors.NewInternalError(err)
	}
	return err
}
