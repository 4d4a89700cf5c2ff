// Package job runs pods to their end, as often as is declared, and counts each exactly once. It is
// kube-controller-manager's job-controller.
package job

import (
	"context"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	batchlisters "k8s.io/client-go/listers/batch/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/claim"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "job-controller", Alias: "job", ServiceAccount: "job-controller", Start: start}
}

const (
	workers = 5
	settle  = 50 * time.Millisecond // when own writes are looked for again that are not visible yet
)

var kind = batchv1.SchemeGroupVersion.WithKind("Job")

type controller struct {
	client   kubernetes.Interface
	events   record.EventRecorder
	ctl      pods.Control
	now      func() time.Time
	jobs     batchlisters.JobLister
	pods     cache.Indexer
	seen     *pods.Ledger // of jobs
	seenPods *pods.Ledger

	mu       sync.Mutex
	backoffs map[types.UID]streak
}

func start(env control.Env) (func(context.Context), error) {
	jobs := env.Informers.Batch().V1().Jobs()
	informer := env.Informers.Core().V1().Pods().Informer()
	if err := pods.Index(informer); err != nil {
		return nil, err
	}
	events := env.Recorder("job-controller")
	c := &controller{
		client: env.Client, events: events, ctl: pods.Control{Client: env.Client, Events: events}, now: env.Now,
		jobs: jobs.Lister(), pods: informer.GetIndexer(), backoffs: map[types.UID]streak{},
		seen: pods.NewLedger(jobs.Informer().GetIndexer()), seenPods: pods.NewLedger(informer.GetIndexer()),
	}
	l := loop.New("job", workers, env.Log, c.reconcile)
	orphans := loop.New("job-orphans", 1, env.Log, c.releaseOrphan)
	if err := l.Watch(jobs.Informer(), loop.Itself); err != nil {
		return nil, err
	}
	if err := l.Watch(informer, c.keysOfPod); err != nil {
		return nil, err
	}
	if err := orphans.Watch(informer, c.orphanOf); err != nil {
		return nil, err
	}
	// A job that goes, or ends, leaves no finalizer behind.
	if err := orphans.Watch(jobs.Informer(), c.podsOfEnded); err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		var wait sync.WaitGroup
		wait.Go(func() { orphans.Run(ctx) })
		l.Run(ctx)
		wait.Wait()
	}, nil
}

// ours reports whether the job is left to this controller.
func ours(job *batchv1.Job) bool {
	return job.Spec.ManagedBy == nil || *job.Spec.ManagedBy == batchv1.JobControllerName
}

// keysOfPod are the jobs that a pod concerns.
func (c *controller) keysOfPod(obj any) []loop.Key {
	return claim.Keys(kind,
		func(namespace string) []*batchv1.Job {
			return claim.Listed(c.jobs.Jobs(namespace).List(labels.Everything()))
		},
		func(job *batchv1.Job) (labels.Selector, error) {
			return metav1.LabelSelectorAsSelector(job.Spec.Selector)
		})(obj)
}

// reconcile looks at one job.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	job, err := c.jobs.Jobs(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		c.seen.Forget(key)
		c.seenPods.Forget(key)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !ours(job) {
		return 0, nil
	}
	if finished(job) {
		c.forgetBackoff(job.UID)
		return 0, nil
	}
	if !c.seen.Settled(key, c.now()) || !c.seenPods.Settled(key, c.now()) {
		return settle, nil
	}
	mine, err := c.claim(ctx, job)
	if err != nil {
		return 0, err
	}
	p := makePlan(job, mine, c.backoff(job.UID), c.now())
	return p.after, c.apply(ctx, key, job, p)
}

func (c *controller) claim(ctx context.Context, job *batchv1.Job) ([]*corev1.Pod, error) {
	selector, err := metav1.LabelSelectorAsSelector(job.Spec.Selector)
	if err != nil {
		return nil, nil //nolint:nilerr // validation lets no such selector in
	}
	owner := claim.Owner{
		Object: job, Kind: kind, Selector: selector, Finalizers: []string{batchv1.JobTrackingFinalizer},
		Fresh: func(ctx context.Context) (metav1.Object, error) {
			return c.client.BatchV1().Jobs(job.Namespace).Get(ctx, job.Name, metav1.GetOptions{})
		},
		Patch: func(ctx context.Context, name string, patch []byte) error {
			_, err := c.client.CoreV1().Pods(job.Namespace).Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
			return err
		},
	}
	return claim.Claim(ctx, owner, append(pods.Owned[*corev1.Pod](c.pods, job.UID), pods.Orphans[*corev1.Pod](c.pods, job.Namespace)...))
}

func (c *controller) backoff(uid types.UID) streak {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.backoffs[uid]
}

func (c *controller) setBackoff(uid types.UID, r streak) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r == (streak{}) {
		delete(c.backoffs, uid)
		return
	}
	c.backoffs[uid] = r
}

func (c *controller) forgetBackoff(uid types.UID) { c.setBackoff(uid, streak{}) }
