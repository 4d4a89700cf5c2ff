// Package defaultingressclass is the plugin DefaultIngressClass: an Ingress that names no class, in the field
// or in the old annotation, gets the default one.
package defaultingressclass

import (
	"context"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is DefaultIngressClass.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "DefaultIngressClass" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create }

// Mutate sets the class.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	if !a.Is(networkingv1.GroupName, "ingresses") {
		return nil
	}
	ingress, ok := a.Object.(*networkingv1.Ingress)
	if !ok || ingress.Spec.IngressClassName != nil {
		return nil
	}
	if _, old := ingress.Annotations["kubernetes.io/ingress.class"]; old {
		return nil
	}
	name, err := admit.DefaultClass(ctx, p.reader, networkingv1.GroupName, "ingressclasses", networkingv1.AnnotationIsDefaultIngressClass)
	if err != nil {
		return admit.Forbidden(a, "%w", err)
	}
	if name != "" {
		ingress.Spec.IngressClassName = &name
	}
	return nil
}
