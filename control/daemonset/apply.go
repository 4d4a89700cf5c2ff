package daemonset

import (
	"context"
	"errors"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// apply makes and deletes pods.
func (c *controller) apply(ctx context.Context, key loop.Key, ds *appsv1.DaemonSet, hash string, p *plan) error {
	_, err := pods.SlowStart(len(p.create), func(i int) error {
		made, err := c.ctl.Create(ctx, podFor(ds, hash, p.create[i]), ds)
		if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			return nil // the set goes soon as well
		}
		if err == nil {
			c.seen.Wrote(key, made, c.now())
		}
		return err
	})
	for _, pod := range p.ended {
		id := string(ds.UID) + "/" + nodeOf(pod)
		now := c.now()
		if c.failed.IsInBackOffSinceUpdate(id, now) {
			if left := c.failed.Get(id); p.after == 0 || left < p.after {
				p.after = left
			}
			continue
		}
		c.failed.Next(id, now)
		if pod.Status.Phase == corev1.PodFailed {
			c.events.Eventf(ds, corev1.EventTypeWarning, "FailedDaemonPod", "Found failed daemon pod %s/%s on node %s, will try to kill it", pod.Namespace, pod.Name, nodeOf(pod))
		} else {
			c.events.Eventf(ds, corev1.EventTypeNormal, "SucceededDaemonPod", "Found succeeded daemon pod %s/%s on node %s, will try to delete it", pod.Namespace, pod.Name, nodeOf(pod))
		}
		p.remove = append(p.remove, pod)
	}
	removeErr := pods.First(pods.All(len(p.remove), func(i int) error {
		err := c.ctl.Delete(ctx, p.remove[i], ds)
		if err == nil {
			c.seen.Deleted(key, p.remove[i], c.now())
		}
		return err
	}))
	return errors.Join(err, removeErr)
}
