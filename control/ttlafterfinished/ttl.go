// Package ttlafterfinished deletes jobs some time after they have ended, if they say so. It is
// kube-controller-manager's ttl-after-finished-controller.
package ttlafterfinished

import (
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/listers/batch/v1"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "ttl-after-finished-controller", Alias: "ttl-after-finished", ServiceAccount: "ttl-after-finished-controller", Start: start}
}

const workers = 5

type controller struct {
	client kubernetes.Interface
	jobs   v1.JobLister
	now    func() time.Time
}

func start(env control.Env) (func(context.Context), error) {
	jobs := env.Informers.Batch().V1().Jobs()
	c := &controller{env.Client, jobs.Lister(), env.Now}
	l := loop.New("ttl-after-finished", workers, env.Log, c.reconcile)
	return l.Run, l.Watch(jobs.Informer(), func(obj any) []loop.Key {
		if job, ok := obj.(*batchv1.Job); ok {
			if _, due := expires(job); due {
				return loop.Itself(job)
			}
		}
		return nil
	})
}

// expires is when the job shall go; ok is false for one that goes only when somebody deletes it.
func expires(job *batchv1.Job) (at time.Time, ok bool) {
	if job.Spec.TTLSecondsAfterFinished == nil || job.DeletionTimestamp != nil {
		return at, false
	}
	for _, c := range job.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return c.LastTransitionTime.Add(time.Duration(*job.Spec.TTLSecondsAfterFinished) * time.Second), true
		}
	}
	return at, false
}

// reconcile deletes the job when its time has come, by what the server says of it then.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	job, err := c.jobs.Jobs(key.Namespace).Get(key.Name)
	for _, read := range []func() (*batchv1.Job, error){
		func() (*batchv1.Job, error) { return job, err },
		func() (*batchv1.Job, error) {
			return c.client.BatchV1().Jobs(key.Namespace).Get(ctx, key.Name, metav1.GetOptions{})
		},
	} {
		job, err = read()
		if apierrors.IsNotFound(err) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		at, due := expires(job)
		if !due {
			return 0, nil
		}
		if left := at.Sub(c.now()); left > 0 {
			return left, nil
		}
	}
	foreground := metav1.DeletePropagationForeground
	err = c.client.BatchV1().Jobs(key.Namespace).Delete(ctx, key.Name, metav1.DeleteOptions{
		PropagationPolicy: &foreground, Preconditions: &metav1.Preconditions{UID: &job.UID},
	})
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	return 0, err
}
