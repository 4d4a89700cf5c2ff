// Package cronjob makes jobs at the times of a schedule. It is kube-controller-manager's cronjob-controller.
package cronjob

import (
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	batchlisters "k8s.io/client-go/listers/batch/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "cronjob-controller", Alias: "cronjob", ServiceAccount: "cronjob-controller", Start: start}
}

const (
	workers = 5
	settle  = 50 * time.Millisecond // when own writes are looked for again that are not visible yet
)

var kind = batchv1.SchemeGroupVersion.WithKind("CronJob")

type controller struct {
	client   kubernetes.Interface
	events   record.EventRecorder
	now      func() time.Time
	crons    batchlisters.CronJobLister
	jobs     cache.Indexer
	seen     *pods.Ledger
	seenJobs *pods.Ledger
}

func start(env control.Env) (func(context.Context), error) {
	crons, jobs := env.Informers.Batch().V1().CronJobs(), env.Informers.Batch().V1().Jobs().Informer()
	if err := pods.Index(jobs); err != nil {
		return nil, err
	}
	c := &controller{
		client: env.Client, events: env.Recorder("cronjob-controller"), now: env.Now, crons: crons.Lister(), jobs: jobs.GetIndexer(),
		seen: pods.NewLedger(crons.Informer().GetIndexer()), seenJobs: pods.NewLedger(jobs.GetIndexer()),
	}
	l := loop.New("cronjob", workers, env.Log, c.reconcile)
	if err := l.Watch(crons.Informer(), loop.Itself); err != nil {
		return nil, err
	}
	return l.Run, l.Watch(jobs, loop.Owner("CronJob"))
}

// reconcile looks at one cron job, and asks to be called again when its next job is due.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	cj, err := c.crons.CronJobs(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		c.seen.Forget(key)
		c.seenJobs.Forget(key)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !c.seen.Settled(key, c.now()) || !c.seenJobs.Settled(key, c.now()) {
		return settle, nil
	}
	p := makePlan(cj, pods.Owned[*batchv1.Job](c.jobs, cj.UID), c.now())
	return p.after, c.apply(ctx, key, cj, p)
}

// apply does what was decided.
func (c *controller) apply(ctx context.Context, key loop.Key, cj *batchv1.CronJob, p *plan) error {
	api := c.client.BatchV1().Jobs(cj.Namespace)
	for _, ref := range p.missing {
		if _, err := api.Get(ctx, ref.Name, metav1.GetOptions{}); apierrors.IsNotFound(err) {
			p.drop(ref.UID)
			p.tell(corev1.EventTypeNormal, "MissingJob", "Active job went missing: %v", ref.Name)
		} else if err != nil {
			return err
		}
	}
	for _, e := range p.events {
		c.events.Event(cj, e.kind, e.reason, e.message)
	}
	for _, ref := range p.replace {
		if err := c.delete(ctx, cj, ref.Name); err != nil {
			return err
		}
		p.drop(ref.UID)
	}
	var err error
	if p.create != nil {
		err = c.create(ctx, key, cj, p)
	}
	for _, job := range p.remove {
		if deleteErr := c.delete(ctx, cj, job.Name); deleteErr != nil && err == nil {
			err = deleteErr
		}
		p.drop(job.UID)
	}
	if equality.Semantic.DeepEqual(p.status, cj.Status) {
		return err
	}
	next := *cj // the cache's own parts are only read
	next.Status = p.status
	written, statusErr := c.client.BatchV1().CronJobs(cj.Namespace).UpdateStatus(ctx, &next, metav1.UpdateOptions{})
	if statusErr != nil {
		return statusErr
	}
	c.seen.Wrote(key, written, c.now())
	return err
}

func (c *controller) create(ctx context.Context, key loop.Key, cj *batchv1.CronJob, p *plan) error {
	api := c.client.BatchV1().Jobs(cj.Namespace)
	job, err := api.Create(ctx, p.create, metav1.CreateOptions{})
	switch {
	case apierrors.IsAlreadyExists(err):
		// It may be this cron job's own, whose status was not written.
		there, getErr := api.Get(ctx, p.create.Name, metav1.GetOptions{})
		if getErr != nil {
			return getErr
		}
		if !metav1.IsControlledBy(there, cj) {
			c.events.Eventf(cj, corev1.EventTypeWarning, "FailedCreate", "Error creating job: %v", err)
			p.status.LastScheduleTime = cj.Status.LastScheduleTime
			return nil
		}
		if ended(there) != "" {
			return nil
		}
		job = there
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		p.status.LastScheduleTime = cj.Status.LastScheduleTime
		return nil
	case err != nil:
		c.events.Eventf(cj, corev1.EventTypeWarning, "FailedCreate", "Error creating job: %v", err)
		p.status.LastScheduleTime = cj.Status.LastScheduleTime
		return err
	default:
		c.events.Eventf(cj, corev1.EventTypeNormal, "SuccessfulCreate", "Created job %v", job.Name)
	}
	c.seenJobs.Wrote(key, job, c.now())
	p.status.Active = append(p.status.Active, corev1.ObjectReference{
		Kind: "Job", APIVersion: batchv1.SchemeGroupVersion.String(), Namespace: job.Namespace, Name: job.Name, UID: job.UID, ResourceVersion: job.ResourceVersion,
	})
	return nil
}

func (c *controller) delete(ctx context.Context, cj *batchv1.CronJob, name string) error {
	background := metav1.DeletePropagationBackground
	err := c.client.BatchV1().Jobs(cj.Namespace).Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &background})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		c.events.Eventf(cj, corev1.EventTypeWarning, "FailedDelete", "Deleted job: %v", err)
	default:
		c.events.Eventf(cj, corev1.EventTypeNormal, "SuccessfulDelete", "Deleted job %v", name)
	}
	return err
}
