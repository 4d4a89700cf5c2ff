// Package ownerreferences is the plugin OwnerReferencesPermissionEnforcement: who cannot delete an object does not
// get the garbage collector to do it, and who cannot touch an owner's finalizers does not keep it from going.
package ownerreferences

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is OwnerReferencesPermissionEnforcement.
type Plugin struct {
	authorizer admit.Authorizer
	resourceOf func(schema.GroupVersionKind) *kinds.Resource
}

// New returns the plugin; resourceOf finds the resource of a kind, custom ones too, nil if there is none.
func New(authorizer admit.Authorizer, resourceOf func(schema.GroupVersionKind) *kinds.Resource) *Plugin {
	return &Plugin{authorizer, resourceOf}
}

// Name is the plugin's name.
func (*Plugin) Name() string { return "OwnerReferencesPermissionEnforcement" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Review refuses owner references that the user has no right to set.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	if a.Resource.Group == "" && a.Resource.Plural == "pods" && a.Subresource == "status" {
		return nil // kubelets write it all the time, and cannot change owners there
	}
	obj, ok := a.Object.(metav1.Object)
	if !ok {
		return nil
	}
	refs := obj.GetOwnerReferences()
	var before []metav1.OwnerReference
	if old, ok := a.OldObject.(metav1.Object); ok && a.Operation == admit.Update {
		before = old.GetOwnerReferences()
	}
	if apiequality.Semantic.DeepEqual(refs, before) || len(refs) == 0 && len(before) == 0 {
		return nil
	}
	if a.Operation != admit.Create {
		allowed, reason, err := p.authorizer.Allowed(ctx, a.Request.User, authorizationv1.ResourceAttributes{
			Verb: "delete", Namespace: a.Namespace, Group: a.Resource.Group, Version: a.Resource.Version,
			Resource: a.Resource.Plural, Subresource: a.Subresource, Name: a.Name,
		})
		if !allowed || err != nil {
			return admit.Forbidden(a, "cannot set an ownerRef on a resource you can't delete: %v, %v", reason, err)
		}
	}
	for _, ref := range newlyBlocking(refs, before) {
		if err := p.mayBlock(ctx, a, ref); err != nil {
			return err
		}
	}
	return nil
}

// newlyBlocking returns the references that keep their owner from going and did not before.
func newlyBlocking(refs, before []metav1.OwnerReference) []metav1.OwnerReference {
	blocking := func(ref metav1.OwnerReference) bool { return ref.BlockOwnerDeletion != nil && *ref.BlockOwnerDeletion }
	had := map[types.UID]bool{}
	for _, ref := range before {
		had[ref.UID] = had[ref.UID] || blocking(ref)
	}
	var out []metav1.OwnerReference
	for _, ref := range refs {
		if blocking(ref) && !had[ref.UID] {
			out = append(out, ref)
		}
	}
	return out
}

func (p *Plugin) mayBlock(ctx context.Context, a *admit.Attributes, ref metav1.OwnerReference) error {
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	var owner *kinds.Resource
	if err == nil {
		if owner = p.resourceOf(gv.WithKind(ref.Kind)); owner == nil {
			err = fmt.Errorf("no matches for kind %q in version %q", ref.Kind, ref.APIVersion)
		}
	}
	if err != nil {
		return admit.Forbidden(a, "cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion %v Kind %v: %v", ref.APIVersion, ref.Kind, err)
	}
	what := authorizationv1.ResourceAttributes{
		Verb: "update", Group: owner.Group, Version: owner.Version, Resource: owner.Plural, Subresource: "finalizers", Name: ref.Name,
	}
	if owner.Namespaced {
		what.Namespace = a.Namespace
	}
	allowed, reason, err := p.authorizer.Allowed(ctx, a.Request.User, what)
	if !allowed || err != nil {
		return admit.Forbidden(a, "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: %v, %v", reason, err)
	}
	return nil
}
