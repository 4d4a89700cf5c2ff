package job

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// apply does what was decided.
func (c *controller) apply(ctx context.Context, key loop.Key, job *batchv1.Job, p *plan) error {
	podsErr := c.applyPods(ctx, key, job, p)
	if !equality.Semantic.DeepEqual(p.status, job.Status) {
		next := *job // the cache's own parts are only read
		next.Status = p.status
		written, err := c.client.BatchV1().Jobs(job.Namespace).UpdateStatus(ctx, &next, metav1.UpdateOptions{})
		if err != nil {
			return errors.Join(podsErr, err)
		}
		c.seen.Wrote(key, written, c.now())
	}
	c.setBackoff(job.UID, p.backoff)
	for _, e := range p.events {
		c.events.Event(job, e.kind, e.reason, e.message)
	}
	releaseErr := pods.First(pods.All(len(p.release), func(i int) error { return c.release(ctx, key, p.release[i]) }))
	return errors.Join(podsErr, releaseErr)
}

func (c *controller) applyPods(ctx context.Context, key loop.Key, job *batchv1.Job, p *plan) error {
	var created atomic.Int32
	_, err := pods.SlowStart(len(p.create), func(i int) error {
		made, err := c.ctl.Create(ctx, podFor(job, p.create[i]), job)
		if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			return nil // the job goes soon as well
		}
		if err == nil {
			created.Add(1)
			c.seenPods.Wrote(key, made, c.now())
		}
		return err
	})
	p.status.Active += created.Load()
	removeErr := pods.First(pods.All(len(p.remove), func(i int) error {
		// A pod that is one too many has not failed: it is let go first, so that nobody counts it.
		if err := c.release(ctx, key, p.remove[i]); err != nil {
			return err
		}
		return c.delete(ctx, key, job, p.remove[i])
	}))
	killErr := pods.First(pods.All(len(p.kill), func(i int) error { return c.delete(ctx, key, job, p.kill[i]) }))
	return errors.Join(err, removeErr, killErr)
}

func (c *controller) delete(ctx context.Context, key loop.Key, job *batchv1.Job, p *corev1.Pod) error {
	err := c.ctl.Delete(ctx, p, job)
	if err == nil {
		c.seenPods.Deleted(key, p, c.now())
	}
	return err
}

// release takes the tracking finalizer off a pod.
func (c *controller) release(ctx context.Context, key loop.Key, p *corev1.Pod) error {
	if !tracked(p) {
		return nil
	}
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": p.UID, "$deleteFromPrimitiveList/finalizers": []string{batchv1.JobTrackingFinalizer}}})
	if err != nil {
		return err
	}
	written, err := c.client.CoreV1().Pods(p.Namespace).Patch(ctx, p.Name, types.StrategicMergePatchType, body, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err == nil && key.Name != "" {
		if written.DeletionTimestamp != nil && len(written.Finalizers) == 0 {
			return nil // it may be gone with this: its version may never show
		}
		c.seenPods.Wrote(key, written, c.now())
	}
	return err
}
