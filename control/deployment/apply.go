package deployment

import (
	"context"
	"errors"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/control/loop"
)

// errCollision says that the name of a new version's replica set is taken.
var errCollision = errors.New("the name of the replica set is taken")

// apply does what was decided; the status is written last, and also when something failed.
func (c *controller) apply(ctx context.Context, key loop.Key, p *plan) error {
	err := c.applySets(ctx, key, p)
	if errors.Is(err, errCollision) {
		// The next name is another; nothing else of the plan holds.
		return c.collide(ctx, key, p)
	}
	if p.changed && !apierrors.IsConflict(err) {
		d, statusErr := c.client.AppsV1().Deployments(p.d.Namespace).UpdateStatus(ctx, p.d, metav1.UpdateOptions{})
		if statusErr == nil {
			c.seen.Wrote(key, d, c.now())
		} else if !apierrors.IsNotFound(statusErr) {
			err = errors.Join(err, statusErr)
		}
	}
	return err
}

func (c *controller) applySets(ctx context.Context, key loop.Key, p *plan) error {
	api := c.client.AppsV1().ReplicaSets(p.d.Namespace)
	if p.create != nil {
		if err := c.create(ctx, key, p); err != nil {
			return err
		}
	}
	for _, u := range p.update {
		written, err := api.Update(ctx, u.rs, metav1.UpdateOptions{})
		if err != nil {
			return err
		}
		c.seenSets.Wrote(key, written, c.now())
		if to := replicas(u.rs); to != u.from {
			how := "up"
			if to < u.from {
				how = "down"
			}
			c.events.Eventf(p.d, corev1.EventTypeNormal, "ScalingReplicaSet", "Scaled %s replica set %s from %d to %d", how, u.rs.Name, u.from, to)
		}
	}
	for _, rs := range p.remove {
		err := api.Delete(ctx, rs.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &rs.UID}})
		if err != nil && !apierrors.IsNotFound(err) {
			return err
		}
		c.seenSets.Deleted(key, rs, c.now())
	}
	return nil
}

func (c *controller) create(ctx context.Context, key loop.Key, p *plan) error {
	api := c.client.AppsV1().ReplicaSets(p.d.Namespace)
	made, err := api.Create(ctx, p.create, metav1.CreateOptions{})
	switch {
	case err == nil:
		c.seenSets.Wrote(key, made, c.now())
		if n := replicas(made); n > 0 {
			c.events.Eventf(p.d, corev1.EventTypeNormal, "ScalingReplicaSet", "Scaled up replica set %s from 0 to %d", made.Name, n)
		}
		return nil
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return err
	case apierrors.IsAlreadyExists(err):
		there, getErr := api.Get(ctx, p.create.Name, metav1.GetOptions{})
		if getErr != nil {
			return getErr
		}
		if ref := metav1.GetControllerOf(there); ref != nil && ref.UID == p.d.UID && sameTemplate(&there.Spec.Template, &p.d.Spec.Template) {
			c.seenSets.Wrote(key, there, c.now()) // made before, and not seen yet
			return nil
		}
		return errCollision
	}
	if hasDeadline(p.d) {
		was := condition(&p.d.Status, appsv1.DeploymentProgressing)
		if was == nil || was.Reason != "ReplicaSetCreateError" {
			p.progressing(corev1.ConditionFalse, "ReplicaSetCreateError", "Failed to create new replica set %q: %v", p.create.Name, err)
			p.changed = true
		}
	}
	c.events.Eventf(p.d, corev1.EventTypeWarning, "ReplicaSetCreateError", "Failed to create new replica set %q: %v", p.create.Name, err)
	return err
}

// collide counts one more collision, which the next hash depends on.
func (c *controller) collide(ctx context.Context, key loop.Key, p *plan) error {
	d, err := c.client.AppsV1().Deployments(p.d.Namespace).Get(ctx, p.d.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if d.UID != p.d.UID || d.ResourceVersion != p.d.ResourceVersion {
		return nil // it changed meanwhile, and is looked at again
	}
	n := int32(1)
	if d.Status.CollisionCount != nil {
		n = *d.Status.CollisionCount + 1
	}
	d.Status.CollisionCount = &n
	d, err = c.client.AppsV1().Deployments(d.Namespace).UpdateStatus(ctx, d, metav1.UpdateOptions{})
	if err == nil {
		c.seen.Wrote(key, d, c.now())
	}
	return err
}
