// Package daemonset keeps a pod of a template on every node that it fits. It is kube-controller-manager's
// daemonset-controller.
package daemonset

import (
	"context"
	"maps"
	"slices"
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
	"k8s.io/client-go/util/flowcontrol"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/claim"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "daemonset-controller", Alias: "daemonset", ServiceAccount: "daemon-set-controller", Start: start}
}

const (
	workers = 2
	settle  = 50 * time.Millisecond // when own writes are looked for again that are not visible yet
)

var kind = appsv1.SchemeGroupVersion.WithKind("DaemonSet")

type controller struct {
	client    kubernetes.Interface
	events    record.EventRecorder
	ctl       pods.Control
	now       func() time.Time
	sets      appslisters.DaemonSetLister
	nodes     corelisters.NodeLister
	pods      cache.Indexer
	revisions cache.Indexer
	seen      *pods.Ledger // of pods
	seenSets  *pods.Ledger
	seenRevs  *pods.Ledger
	failed    *flowcontrol.Backoff // of pods that fail, by node
}

func start(env control.Env) (func(context.Context), error) {
	apps := env.Informers.Apps().V1()
	sets, revisions := apps.DaemonSets(), apps.ControllerRevisions().Informer()
	podInformer, nodes := env.Informers.Core().V1().Pods().Informer(), env.Informers.Core().V1().Nodes()
	for _, i := range []cache.SharedIndexInformer{podInformer, revisions} {
		if err := pods.Index(i); err != nil {
			return nil, err
		}
	}
	events := env.Recorder("daemonset-controller")
	c := &controller{
		client: env.Client, events: events, ctl: pods.Control{Client: env.Client, Events: events}, now: env.Now,
		sets: sets.Lister(), nodes: nodes.Lister(), pods: podInformer.GetIndexer(), revisions: revisions.GetIndexer(),
		seen: pods.NewLedger(podInformer.GetIndexer()), seenSets: pods.NewLedger(sets.Informer().GetIndexer()), seenRevs: pods.NewLedger(revisions.GetIndexer()),
		failed: flowcontrol.NewBackOff(time.Second, 15*time.Minute),
	}
	l := loop.New("daemonset", workers, env.Log, c.reconcile)
	for _, w := range []struct {
		informer cache.SharedIndexInformer
		keys     func(any) []loop.Key
	}{{sets.Informer(), loop.Itself}, {podInformer, c.keysOfOwned}, {revisions, c.keysOfOwned}} {
		if err := l.Watch(w.informer, w.keys); err != nil {
			return nil, err
		}
	}
	every := func() {
		all, _ := c.sets.List(labels.Everything()) // a lister of a cache does not fail
		for _, ds := range all {
			l.Add(loop.Key{Namespace: ds.Namespace, Name: ds.Name})
		}
	}
	_, err := nodes.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { every() }, DeleteFunc: func(any) { every() },
		UpdateFunc: func(old, obj any) {
			if a, b := old.(*corev1.Node), obj.(*corev1.Node); !sameForDaemons(a, b) {
				every()
			}
		},
	})
	return l.Run, err
}

// sameForDaemons reports whether no daemon's place depends on what changed of the node: its heartbeat is
// not looked at.
func sameForDaemons(a, b *corev1.Node) bool {
	return maps.Equal(a.Labels, b.Labels) && a.Spec.Unschedulable == b.Spec.Unschedulable && slices.EqualFunc(a.Spec.Taints, b.Spec.Taints, func(x, y corev1.Taint) bool {
		return x.Key == y.Key && x.Value == y.Value && x.Effect == y.Effect
	})
}

// keysOfOwned are the sets that a pod or revision concerns.
func (c *controller) keysOfOwned(obj any) []loop.Key {
	return claim.Keys(kind,
		func(namespace string) []*appsv1.DaemonSet {
			return claim.Listed(c.sets.DaemonSets(namespace).List(labels.Everything()))
		},
		func(ds *appsv1.DaemonSet) (labels.Selector, error) {
			return metav1.LabelSelectorAsSelector(ds.Spec.Selector)
		})(obj)
}

// reconcile looks at one daemon set.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	ds, err := c.sets.DaemonSets(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		c.seen.Forget(key)
		c.seenSets.Forget(key)
		c.seenRevs.Forget(key)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !c.seenSets.Settled(key, c.now()) || !c.seenRevs.Settled(key, c.now()) {
		return settle, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(ds.Spec.Selector)
	if err != nil {
		return 0, nil //nolint:nilerr // validation lets no such selector in
	}
	if selector.Empty() {
		c.events.Eventf(ds, corev1.EventTypeWarning, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.")
		return 0, nil
	}
	if ds.DeletionTimestamp != nil {
		return 0, nil
	}
	settled := c.seen.Settled(key, c.now())
	owner := c.owner(ds, selector)
	hash, old, err := c.history(ctx, key, ds, owner)
	if err != nil || hash == "" {
		return 0, err
	}
	mine, err := claim.Claim(ctx, owner, append(pods.Owned[*corev1.Pod](c.pods, ds.UID), pods.Orphans[*corev1.Pod](c.pods, ds.Namespace)...))
	if err != nil {
		return 0, err
	}
	nodes, err := c.nodes.List(labels.Everything())
	if err != nil {
		return 0, err
	}
	p := makePlan(ds, hash, nodes, mine, c.now())
	if settled {
		if err := c.apply(ctx, key, ds, hash, p); err != nil {
			return 0, err
		}
		if err := c.cleanUp(ctx, ds, old, mine); err != nil {
			return 0, err
		}
	}
	if !equality.Semantic.DeepEqual(p.status, ds.Status) {
		next := *ds // the cache's own parts are only read
		next.Status = p.status
		written, err := c.client.AppsV1().DaemonSets(ds.Namespace).UpdateStatus(ctx, &next, metav1.UpdateOptions{})
		if err != nil {
			return 0, err
		}
		c.seenSets.Wrote(key, written, c.now())
	}
	if !settled {
		return settle, nil
	}
	return p.after, nil
}

func (c *controller) owner(ds *appsv1.DaemonSet, selector labels.Selector) claim.Owner {
	return claim.Owner{
		Object: ds, Kind: kind, Selector: selector,
		Fresh: func(ctx context.Context) (metav1.Object, error) {
			return c.client.AppsV1().DaemonSets(ds.Namespace).Get(ctx, ds.Name, metav1.GetOptions{})
		},
		Patch: func(ctx context.Context, name string, patch []byte) error {
			_, err := c.client.CoreV1().Pods(ds.Namespace).Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
			return err
		},
	}
}
