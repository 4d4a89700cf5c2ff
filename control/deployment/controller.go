// Package deployment rolls templates out: a replica set for each version, the newest growing as the older
// ones shrink, within the bounds the deployment sets. It is kube-controller-manager's deployment-controller.
package deployment

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	appslisters "k8s.io/client-go/listers/apps/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/claim"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "deployment-controller", Alias: "deployment", ServiceAccount: "deployment-controller", Start: start}
}

const (
	workers = 5
	settle  = 50 * time.Millisecond // when own writes are looked for again that are not visible yet
)

type controller struct {
	client      kubernetes.Interface
	events      record.EventRecorder
	now         func() time.Time
	deployments appslisters.DeploymentLister
	sets        cache.Indexer
	pods        cache.Indexer
	seenSets    *pods.Ledger
	seen        *pods.Ledger
}

func start(env control.Env) (func(context.Context), error) {
	deployments := env.Informers.Apps().V1().Deployments()
	sets := env.Informers.Apps().V1().ReplicaSets().Informer()
	podInformer := env.Informers.Core().V1().Pods().Informer()
	for _, i := range []cache.SharedIndexInformer{sets, podInformer} {
		if err := pods.Index(i); err != nil {
			return nil, err
		}
	}
	c := &controller{
		client: env.Client, events: env.Recorder("deployment-controller"), now: env.Now,
		deployments: deployments.Lister(), sets: sets.GetIndexer(), pods: podInformer.GetIndexer(),
		seenSets: pods.NewLedger(sets.GetIndexer()), seen: pods.NewLedger(deployments.Informer().GetIndexer()),
	}
	l := loop.New("deployment", workers, env.Log, c.reconcile)
	if err := l.Watch(deployments.Informer(), loop.Itself); err != nil {
		return nil, err
	}
	if err := l.Watch(sets, c.keysOfSet); err != nil {
		return nil, err
	}
	// Pods matter to those that wait for the old ones to be gone.
	_, err := podInformer.AddEventHandler(cache.ResourceEventHandlerFuncs{DeleteFunc: func(obj any) {
		if t, ok := obj.(cache.DeletedFinalStateUnknown); ok {
			obj = t.Obj
		}
		for _, k := range c.keysOfPod(obj) {
			l.Add(k)
		}
	}, UpdateFunc: func(old, obj any) {
		if p, ok := obj.(*corev1.Pod); ok && pods.Terminal(p) && !pods.Terminal(old.(*corev1.Pod)) {
			for _, k := range c.keysOfPod(obj) {
				l.Add(k)
			}
		}
	}})
	return l.Run, err
}

// keysOfSet are the deployments that a replica set concerns.
func (c *controller) keysOfSet(obj any) []loop.Key {
	return claim.Keys(kind,
		func(namespace string) []*appsv1.Deployment {
			return claim.Listed(c.deployments.Deployments(namespace).List(labels.Everything()))
		},
		func(d *appsv1.Deployment) (labels.Selector, error) {
			return metav1.LabelSelectorAsSelector(d.Spec.Selector)
		})(obj)
}

// keysOfPod is the deployment behind the pod, if it recreates.
func (c *controller) keysOfPod(obj any) []loop.Key {
	p, ok := obj.(*corev1.Pod)
	if !ok {
		return nil
	}
	ref := metav1.GetControllerOfNoCopy(p)
	if ref == nil || ref.Kind != "ReplicaSet" {
		return nil
	}
	set, ok, _ := c.sets.GetByKey(cache.NewObjectName(p.Namespace, ref.Name).String())
	if !ok {
		return nil
	}
	for _, k := range loop.Owner("Deployment")(set) {
		if d, err := c.deployments.Deployments(k.Namespace).Get(k.Name); err == nil && d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType {
			return []loop.Key{k}
		}
	}
	return nil
}

// reconcile looks at one deployment.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	d, err := c.deployments.Deployments(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		c.seen.Forget(key)
		c.seenSets.Forget(key)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !c.seen.Settled(key, c.now()) || !c.seenSets.Settled(key, c.now()) {
		return settle, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil {
		return 0, nil //nolint:nilerr // validation lets no such selector in
	}
	if selector.Empty() {
		c.events.Eventf(d, corev1.EventTypeWarning, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.")
		return 0, nil
	}
	if target, ok := rollbackTarget(d); ok && d.DeletionTimestamp == nil && !d.Spec.Paused {
		return 0, c.rollback(ctx, d, selector, target)
	}
	mine, err := c.claim(ctx, d, selector)
	if err != nil {
		return 0, err
	}
	p := makePlan(d, mine, c.podsLeft, c.now())
	err = c.apply(ctx, key, p)
	return p.after, err
}

func (c *controller) claim(ctx context.Context, d *appsv1.Deployment, selector labels.Selector) ([]*appsv1.ReplicaSet, error) {
	owner := claim.Owner{
		Object: d, Kind: kind, Selector: selector,
		Fresh: func(ctx context.Context) (metav1.Object, error) {
			return c.client.AppsV1().Deployments(d.Namespace).Get(ctx, d.Name, metav1.GetOptions{})
		},
		Patch: func(ctx context.Context, name string, patch []byte) error {
			_, err := c.client.AppsV1().ReplicaSets(d.Namespace).Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
			return err
		},
	}
	return claim.Claim(ctx, owner, append(pods.Owned[*appsv1.ReplicaSet](c.sets, d.UID), pods.Orphans[*appsv1.ReplicaSet](c.sets, d.Namespace)...))
}

// podsLeft reports whether the set has pods that have not ended.
func (c *controller) podsLeft(rs *appsv1.ReplicaSet) bool {
	for _, p := range pods.Owned[*corev1.Pod](c.pods, rs.UID) {
		if !pods.Terminal(p) {
			return true
		}
	}
	return false
}

var kind = appsv1.SchemeGroupVersion.WithKind("Deployment")
