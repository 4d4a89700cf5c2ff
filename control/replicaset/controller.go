// Package replicaset keeps as many pods of a template as are declared: for replica sets, and with the same
// engine for replication controllers. It is kube-controller-manager's replicaset-controller and
// replicationcontroller-controller.
package replicaset

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/claim"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// Controller is the row of the manager's list for replica sets.
func Controller() control.Controller {
	return control.Controller{Name: "replicaset-controller", Alias: "replicaset", ServiceAccount: "replicaset-controller",
		Start: func(env control.Env) (func(context.Context), error) { return start(env, newReplicaSets(env)) }}
}

// ReplicationController is the row of the manager's list for replication controllers.
func ReplicationController() control.Controller {
	return control.Controller{Name: "replicationcontroller-controller", Alias: "replicationcontroller", ServiceAccount: "replication-controller",
		Start: func(env control.Env) (func(context.Context), error) {
			return start(env, newReplicationControllers(env))
		}}
}

const (
	workers = 5
	// settle is how soon an owner is looked at again whose own writes are not visible yet, should no event
	// have come by then.
	settle = 50 * time.Millisecond
)

type controller struct {
	sets   sets
	pods   cache.Indexer
	seen   *pods.Ledger
	ctl    pods.Control
	now    func() time.Time
	client func(ns string) patcher
}

func start(env control.Env, s sets) (func(context.Context), error) {
	informer := env.Informers.Core().V1().Pods().Informer()
	if err := pods.Index(informer); err != nil {
		return nil, err
	}
	c := &controller{
		sets: s, pods: informer.GetIndexer(), seen: pods.NewLedger(informer.GetIndexer()),
		ctl: pods.Control{Client: env.Client, Events: env.Recorder(s.component())}, now: env.Now,
		client: func(ns string) patcher { return env.Client.CoreV1().Pods(ns) },
	}
	l := loop.New(s.resource(), workers, env.Log, c.reconcile)
	if err := l.Watch(s.informer(), loop.Itself); err != nil {
		return nil, err
	}
	return l.Run, l.Watch(informer, c.keysOfPod)
}

type patcher interface {
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts metav1.PatchOptions, subresources ...string) (*corev1.Pod, error)
}

// keysOfPod are the sets that a pod concerns.
func (c *controller) keysOfPod(obj any) []loop.Key {
	return claim.Keys(c.sets.kind(), c.sets.list, (*set).selector)(obj)
}

// reconcile looks at one set: claims its pods, makes or deletes what is missing or too many, reports.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	s, err := c.sets.get(key)
	if apierrors.IsNotFound(err) {
		c.seen.Forget(key)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	// This is asked before the pods are read: what is settled now is in them.
	settled := c.seen.Settled(key, c.now())
	mine, err := c.claim(ctx, s)
	if err != nil {
		return 0, err
	}
	p := makePlan(s, mine, c.related(s, mine), c.now())
	var failed error
	if settled && s.DeletionTimestamp == nil {
		failed = c.apply(ctx, key, s, p)
	}
	if err := c.report(ctx, s, p, failed); err != nil {
		return 0, err
	}
	if failed == nil && !settled {
		return settle, nil
	}
	return p.after, failed
}

func (c *controller) claim(ctx context.Context, s *set) ([]*corev1.Pod, error) {
	selector, err := s.selector()
	if err != nil {
		return nil, nil //nolint:nilerr // validation lets no such selector in
	}
	owner := claim.Owner{
		Object: s, Kind: c.sets.kind(), Selector: selector,
		// A pod that has ended is no replica: it is neither adopted nor let go.
		Fresh: func(ctx context.Context) (metav1.Object, error) { return c.sets.fresh(ctx, s) },
		Patch: func(ctx context.Context, name string, patch []byte) error {
			_, err := c.client(s.Namespace).Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
			return err
		},
	}
	candidates := append(pods.Owned[*corev1.Pod](c.pods, s.UID), pods.Orphans[*corev1.Pod](c.pods, s.Namespace)...)
	return claim.Claim(ctx, owner, pods.Filter(candidates, func(p *corev1.Pod) bool { return !pods.Terminal(p) }))
}

// related are the pods of the set and of its siblings, which the same object controls.
func (c *controller) related(s *set, mine []*corev1.Pod) []*corev1.Pod {
	ref := metav1.GetControllerOfNoCopy(s)
	if ref == nil || s.replicas() >= len(mine) {
		return mine
	}
	var out []*corev1.Pod
	for _, other := range c.sets.list(s.Namespace) {
		if o := metav1.GetControllerOfNoCopy(other); o != nil && o.UID == ref.UID {
			out = append(out, pods.Owned[*corev1.Pod](c.pods, other.UID)...)
		}
	}
	return out
}
