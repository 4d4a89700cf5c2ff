package garbage

import (
	"context"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// collect deletes the object if nobody owns it any more who did.
func (c *controller) collect(ctx context.Context, v view) error {
	live, err := c.live(ctx, v)
	if live == nil || err != nil {
		return err
	}
	if len(live.OwnerReferences) == 0 || live.DeletionTimestamp != nil {
		return nil
	}
	owners, err := c.classify(ctx, v, live.OwnerReferences)
	if err != nil {
		return err
	}
	gone := append(slices.Clone(owners.dangling), owners.waiting...)
	switch {
	case len(owners.solid) > 0 && len(gone) == 0:
		return nil
	case len(owners.solid) > 0:
		return c.dropOwners(ctx, v, gone)
	case len(owners.waiting) > 0 && v.hasDependents:
		// It goes in the foreground as well. Where owners wait for each other in a circle, somebody must stop.
		if c.dependentWaits(v) {
			if err := c.unblock(ctx, v, live); err != nil {
				return err
			}
		}
		return c.delete(ctx, live, v, metav1.DeletePropagationForeground)
	case slices.Contains(live.Finalizers, metav1.FinalizerOrphanDependents):
		return c.delete(ctx, live, v, metav1.DeletePropagationOrphan)
	case slices.Contains(live.Finalizers, metav1.FinalizerDeleteDependents):
		return c.delete(ctx, live, v, metav1.DeletePropagationForeground)
	}
	return c.delete(ctx, live, v, metav1.DeletePropagationBackground)
}

func (c *controller) dependentWaits(v view) bool {
	all, _ := c.graph.dependents(v.uid)
	return slices.ContainsFunc(all, func(d view) bool { return d.foreground })
}

// live reads the object. It is nil if it is gone, which the graph is then told.
func (c *controller) live(ctx context.Context, v view) (*metav1.PartialObjectMetadata, error) {
	live, err := c.client(v.resource, v.namespace).Get(ctx, v.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) || err == nil && live.UID != v.uid {
		c.graph.remove(v.uid)
		return nil, nil
	}
	return live, err
}

// delete deletes exactly the object that was looked at: if its owners change meanwhile, it is looked at again.
func (c *controller) delete(ctx context.Context, live *metav1.PartialObjectMetadata, v view, policy metav1.DeletionPropagation) error {
	options := metav1.DeleteOptions{
		Preconditions:     &metav1.Preconditions{UID: &live.UID, ResourceVersion: &live.ResourceVersion},
		PropagationPolicy: &policy,
	}
	err := c.client(v.resource, v.namespace).Delete(ctx, v.name, options)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// foreground lets the object go once nothing is left that it waits for.
func (c *controller) foreground(ctx context.Context, v view) error {
	_, blocking := c.graph.dependents(v.uid)
	if len(blocking) == 0 {
		return c.dropFinalizer(ctx, v, metav1.FinalizerDeleteDependents)
	}
	for _, d := range blocking {
		if !d.foreground && !d.deleting {
			c.look(d.uid)
		}
	}
	return nil
}

// orphan lets the dependents go their own way, and then the object go.
func (c *controller) orphan(ctx context.Context, v view) error {
	all, _ := c.graph.dependents(v.uid)
	for _, d := range all {
		if err := c.dropOwners(ctx, d, []metav1.OwnerReference{{UID: v.uid}}); err != nil {
			return err
		}
	}
	return c.dropFinalizer(ctx, v, metav1.FinalizerOrphanDependents)
}
