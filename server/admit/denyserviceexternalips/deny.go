// Package denyserviceexternalips is the plugin DenyServiceExternalIPs: no service takes over addresses that are
// not the cluster's. Those that have some keep them.
package denyserviceexternalips

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is DenyServiceExternalIPs.
type Plugin struct{}

// Name is the plugin's name.
func (Plugin) Name() string { return "DenyServiceExternalIPs" }

// Handles reports whether the plugin wants writes of this kind.
func (Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Review refuses an external IP that was not there before.
func (Plugin) Review(_ context.Context, a *admit.Attributes) error {
	service, ok := a.Object.(*corev1.Service)
	if !ok || !a.Is("", "services") {
		return nil
	}
	var before []string
	if old, ok := a.OldObject.(*corev1.Service); ok && old != nil {
		before = old.Spec.ExternalIPs
	}
	for _, ip := range service.Spec.ExternalIPs {
		if !slices.Contains(before, ip) {
			return admit.Forbidden(a, "Use of external IPs is denied by admission control.")
		}
	}
	return nil
}
