package job

import (
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// orphanOf is the pod itself if it waits to be counted and no job will ever count it.
func (c *controller) orphanOf(obj any) []loop.Key {
	if p, ok := obj.(*corev1.Pod); ok && tracked(p) && c.orphaned(p) {
		return loop.Itself(p)
	}
	return nil
}

// podsOfEnded are the pods of a job that is gone or has ended.
func (c *controller) podsOfEnded(obj any) []loop.Key {
	job, ok := obj.(*batchv1.Job)
	if !ok {
		return nil
	}
	var keys []loop.Key
	for _, p := range pods.Owned[*corev1.Pod](c.pods, job.UID) {
		keys = append(keys, c.orphanOf(p)...)
	}
	return keys
}

func (c *controller) orphaned(p *corev1.Pod) bool {
	ref := metav1.GetControllerOfNoCopy(p)
	if ref == nil {
		// It may yet be adopted, unless its job is gone.
		return len(c.keysOfPod(p)) == 0
	}
	if ref.Kind != kind.Kind {
		return true
	}
	job, err := c.jobs.Jobs(p.Namespace).Get(ref.Name)
	if apierrors.IsNotFound(err) || err == nil && job.UID != ref.UID {
		return true
	}
	return err == nil && ours(job) && finished(job)
}

// releaseOrphan takes the finalizer off a pod that no job counts. What the cache says of the job is asked of
// the server: a job that is new may not be in the cache yet.
func (c *controller) releaseOrphan(ctx context.Context, key loop.Key) (time.Duration, error) {
	obj, ok, err := c.pods.GetByKey(key.String())
	if !ok || err != nil {
		return 0, err
	}
	p, ok := obj.(*corev1.Pod)
	if !ok || !tracked(p) || !c.orphaned(p) {
		return 0, nil
	}
	if ref := metav1.GetControllerOfNoCopy(p); ref != nil && ref.Kind == kind.Kind {
		job, err := c.client.BatchV1().Jobs(p.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if err == nil && job.UID == ref.UID && !finished(job) || err != nil && !apierrors.IsNotFound(err) {
			return 0, err
		}
	}
	return 0, c.release(ctx, loop.Key{}, p)
}
