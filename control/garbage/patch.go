package garbage

import (
	"context"
	"encoding/json"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// dropOwners takes references away from the object, known by their uids.
func (c *controller) dropOwners(ctx context.Context, v view, refs []metav1.OwnerReference) error {
	var drop []map[string]any
	for _, r := range refs {
		drop = append(drop, map[string]any{"$patch": "delete", "uid": r.UID})
	}
	err := c.patch(ctx, v, types.StrategicMergePatchType, map[string]any{"uid": v.uid, "ownerReferences": drop})
	if apierrors.IsUnsupportedMediaType(err) { // a custom resource
		return c.rewrite(ctx, v, func(live *metav1.PartialObjectMetadata) map[string]any {
			left := slices.DeleteFunc(live.OwnerReferences, func(have metav1.OwnerReference) bool {
				return slices.ContainsFunc(refs, func(r metav1.OwnerReference) bool { return r.UID == have.UID })
			})
			return map[string]any{"ownerReferences": left}
		})
	}
	return err
}

// unblock makes the object block none of its owners.
func (c *controller) unblock(ctx context.Context, v view, live *metav1.PartialObjectMetadata) error {
	if !slices.ContainsFunc(live.OwnerReferences, func(r metav1.OwnerReference) bool { return r.BlockOwnerDeletion != nil && *r.BlockOwnerDeletion }) {
		return nil
	}
	err := c.rewrite(ctx, v, func(live *metav1.PartialObjectMetadata) map[string]any {
		for i := range live.OwnerReferences {
			live.OwnerReferences[i].BlockOwnerDeletion = new(bool)
		}
		return map[string]any{"ownerReferences": live.OwnerReferences}
	})
	if err == nil {
		fresh, getErr := c.live(ctx, v)
		if fresh != nil {
			*live = *fresh
		}
		err = getErr
	}
	return err
}

// dropFinalizer takes a finalizer away.
func (c *controller) dropFinalizer(ctx context.Context, v view, finalizer string) error {
	return c.rewrite(ctx, v, func(live *metav1.PartialObjectMetadata) map[string]any {
		if !slices.Contains(live.Finalizers, finalizer) {
			return nil
		}
		return map[string]any{"finalizers": slices.DeleteFunc(live.Finalizers, func(f string) bool { return f == finalizer })}
	})
}

// rewrite changes metadata as they are now; change returns nil if there is nothing to change.
func (c *controller) rewrite(ctx context.Context, v view, change func(live *metav1.PartialObjectMetadata) map[string]any) error {
	for tries := 5; ; tries-- {
		live, err := c.live(ctx, v)
		if live == nil || err != nil {
			return err
		}
		version := live.ResourceVersion
		meta := change(live)
		if meta == nil {
			return nil
		}
		meta["resourceVersion"] = version
		err = c.patch(ctx, v, types.MergePatchType, meta)
		if !apierrors.IsConflict(err) || tries == 0 {
			return err
		}
	}
}

func (c *controller) patch(ctx context.Context, v view, kind types.PatchType, meta map[string]any) error {
	body, err := json.Marshal(map[string]any{"metadata": meta})
	if err != nil {
		return err
	}
	_, err = c.client(v.resource, v.namespace).Patch(ctx, v.name, kind, body, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
