// Package namespacelifecycle is the plugin NamespaceLifecycle: no object is made in a namespace that is
// missing or goes away, and the namespaces the system stands on are not deleted.
package namespacelifecycle

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is NamespaceLifecycle.
type Plugin struct{ reader admit.Reader }

// New returns the plugin.
func New(reader admit.Reader) *Plugin { return &Plugin{reader} }

// Name is the plugin's name.
func (*Plugin) Name() string { return "NamespaceLifecycle" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op != admit.Connect }

// Mutate refuses; it changes nothing. It runs this early so that a missing namespace is what a client hears
// of, whatever else is wrong with the object.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	if a.Resource.Group == "" && a.Resource.Plural == "namespaces" {
		if a.Operation == admit.Delete && immortal(a.Name) {
			return apierrors.NewForbidden(a.Resource.GroupResource(), a.Name, fmt.Errorf("this namespace may not be deleted"))
		}
		return nil
	}
	if a.Namespace == "" || a.Operation == admit.Delete || isAccessReview(a) {
		return nil
	}
	ns, err := Find(ctx, p.reader, a.Namespace)
	if err != nil {
		return err
	}
	if a.Operation == admit.Create && ns.Status.Phase == corev1.NamespaceTerminating {
		return terminating(a)
	}
	return nil
}

// Find returns the namespace, or a NotFound error if no server knows of it.
func Find(ctx context.Context, reader admit.Reader, name string) (*corev1.Namespace, error) {
	ns, err := reader.Get(ctx, "", "namespaces", "", name)
	if apierrors.IsNotFound(err) {
		if err := reader.Sync(ctx); err != nil {
			return nil, err
		}
		ns, err = reader.Get(ctx, "", "namespaces", "", name)
	}
	if err != nil {
		return nil, err
	}
	return asNamespace(ns)
}

func asNamespace(obj kinds.Object) (*corev1.Namespace, error) {
	ns, ok := obj.(*corev1.Namespace)
	if !ok {
		return nil, fmt.Errorf("namespace is a %T", obj)
	}
	return ns, nil
}

// immortal namespaces are those that clients rely on without asking; kube-node-lease is not one of them.
func immortal(name string) bool {
	return name == metav1.NamespaceDefault || name == metav1.NamespaceSystem || name == metav1.NamespacePublic
}

// isAccessReview: what a review says about a namespace must not depend on whether the namespace is there.
func isAccessReview(a *admit.Attributes) bool {
	return a.Resource.Group == authorizationv1.GroupName && a.Resource.Plural == "localsubjectaccessreviews"
}

func terminating(a *admit.Attributes) error {
	err := admit.Forbidden(a, "unable to create new content in namespace %s because it is being terminated", a.Namespace)
	if status, ok := err.(*apierrors.StatusError); ok {
		status.ErrStatus.Details.Causes = append(status.ErrStatus.Details.Causes, metav1.StatusCause{
			Type:    corev1.NamespaceTerminatingCause,
			Message: fmt.Sprintf("namespace %s is being terminated", a.Namespace),
			Field:   "metadata.namespace",
		})
	}
	return err
}
