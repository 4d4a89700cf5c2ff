// Package statefulset keeps pods that have a name, a number and claims of their own. It is
// kube-controller-manager's statefulset-controller.
package statefulset

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	appslisters "k8s.io/client-go/listers/apps/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/claim"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "statefulset-controller", Alias: "statefulset", ServiceAccount: "statefulset-controller", Start: start}
}

const (
	workers = 5
	settle  = 50 * time.Millisecond // when own writes are looked for again that are not visible yet
)

var kind = appsv1.SchemeGroupVersion.WithKind("StatefulSet")

type controller struct {
	client    kubernetes.Interface
	events    record.EventRecorder
	now       func() time.Time
	sets      appslisters.StatefulSetLister
	claims    corelisters.PersistentVolumeClaimLister
	pods      cache.Indexer
	revisions cache.Indexer
	seen      *pods.Ledger // of pods
	seenSets  *pods.Ledger
	seenRevs  *pods.Ledger
}

func start(env control.Env) (func(context.Context), error) {
	apps := env.Informers.Apps().V1()
	sets, revisions := apps.StatefulSets(), apps.ControllerRevisions().Informer()
	podInformer, claims := env.Informers.Core().V1().Pods().Informer(), env.Informers.Core().V1().PersistentVolumeClaims()
	for _, i := range []cache.SharedIndexInformer{podInformer, revisions} {
		if err := pods.Index(i); err != nil {
			return nil, err
		}
	}
	c := &controller{
		client: env.Client, events: env.Recorder("statefulset-controller"), now: env.Now,
		sets: sets.Lister(), claims: claims.Lister(), pods: podInformer.GetIndexer(), revisions: revisions.GetIndexer(),
		seen: pods.NewLedger(podInformer.GetIndexer()), seenSets: pods.NewLedger(sets.Informer().GetIndexer()), seenRevs: pods.NewLedger(revisions.GetIndexer()),
	}
	l := loop.New("statefulset", workers, env.Log, c.reconcile)
	for _, w := range []struct {
		informer cache.SharedIndexInformer
		keys     func(any) []loop.Key
	}{{sets.Informer(), loop.Itself}, {podInformer, c.keysOfOwned}, {revisions, c.keysOfOwned}} {
		if err := l.Watch(w.informer, w.keys); err != nil {
			return nil, err
		}
	}
	claims.Informer() // it is started for its lister
	return l.Run, nil
}

// keysOfOwned are the sets that a pod or revision concerns.
func (c *controller) keysOfOwned(obj any) []loop.Key {
	return claim.Keys(kind,
		func(namespace string) []*appsv1.StatefulSet {
			return claim.Listed(c.sets.StatefulSets(namespace).List(labels.Everything()))
		},
		func(set *appsv1.StatefulSet) (labels.Selector, error) {
			return metav1.LabelSelectorAsSelector(set.Spec.Selector)
		})(obj)
}

// reconcile looks at one stateful set.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	set, err := c.sets.StatefulSets(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		c.seen.Forget(key)
		c.seenSets.Forget(key)
		c.seenRevs.Forget(key)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !c.seenSets.Settled(key, c.now()) || !c.seenRevs.Settled(key, c.now()) || !c.seen.Settled(key, c.now()) {
		return settle, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(set.Spec.Selector)
	if err != nil {
		return 0, nil //nolint:nilerr // validation lets no such selector in
	}
	owner := c.owner(set, selector)
	current, update, all, ok, err := c.versions(ctx, key, set, owner)
	if !ok || err != nil {
		return 0, err
	}
	owner.Match = func(o metav1.Object) bool { _, ok := ordinalOf(set, o.GetName()); return ok }
	mine, err := claim.Claim(ctx, owner, append(pods.Owned[*corev1.Pod](c.pods, set.UID), pods.Orphans[*corev1.Pod](c.pods, set.Namespace)...))
	if err != nil {
		return 0, err
	}
	p := makePlan(set, current, update, mine, c.now())
	applyErr := c.apply(ctx, key, set, mine, p)
	if err := c.report(ctx, key, set, p); err != nil {
		return 0, err
	}
	if applyErr != nil {
		return 0, applyErr
	}
	return p.after, c.cleanUp(ctx, set, all, p, mine)
}

func (c *controller) owner(set *appsv1.StatefulSet, selector labels.Selector) claim.Owner {
	return claim.Owner{
		Object: set, Kind: kind, Selector: selector,
		Fresh: func(ctx context.Context) (metav1.Object, error) {
			return c.client.AppsV1().StatefulSets(set.Namespace).Get(ctx, set.Name, metav1.GetOptions{})
		},
		Patch: func(ctx context.Context, name string, patch []byte) error {
			_, err := c.client.CoreV1().Pods(set.Namespace).Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
			return err
		},
	}
}

// report writes the status if it differs.
func (c *controller) report(ctx context.Context, key loop.Key, set *appsv1.StatefulSet, p *plan) error {
	p.finish()
	if equality.Semantic.DeepEqual(p.status, set.Status) {
		return nil
	}
	next := *set // the cache's own parts are only read
	next.Status = p.status
	written, err := c.client.AppsV1().StatefulSets(set.Namespace).UpdateStatus(ctx, &next, metav1.UpdateOptions{})
	if err == nil {
		c.seenSets.Wrote(key, written, c.now())
	}
	return err
}
