// Package disruption counts how many pods of a budget may be evicted. It is kube-controller-manager's
// disruption-controller.
package disruption

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	appslisters "k8s.io/client-go/listers/apps/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	policylisters "k8s.io/client-go/listers/policy/v1"
	"k8s.io/client-go/tools/record"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
	"github.com/nave-k8s/nave/control/scaling"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "disruption-controller", Alias: "disruption", ServiceAccount: "disruption-controller", Start: start}
}

const (
	workers = 1
	// staleAfter is how long a pod may be said to be a target of disruption and stay.
	staleAfter = 2 * time.Minute
)

type controller struct {
	client      kubernetes.Interface
	events      record.EventRecorder
	now         func() time.Time
	scaler      *scaling.Scaler
	budgets     policylisters.PodDisruptionBudgetLister
	pods        corelisters.PodLister
	controllers corelisters.ReplicationControllerLister
	replicaSets appslisters.ReplicaSetLister
	deployments appslisters.DeploymentLister
	statefulSet appslisters.StatefulSetLister
}

func start(env control.Env) (func(context.Context), error) {
	scaler, err := scaling.New(env.Config)
	if err != nil {
		return nil, err
	}
	apps, core, budgets := env.Informers.Apps().V1(), env.Informers.Core().V1(), env.Informers.Policy().V1().PodDisruptionBudgets()
	c := &controller{
		client: env.Client, events: env.Recorder("controllermanager"), now: env.Now, scaler: scaler,
		budgets: budgets.Lister(), pods: core.Pods().Lister(), controllers: core.ReplicationControllers().Lister(),
		replicaSets: apps.ReplicaSets().Lister(), deployments: apps.Deployments().Lister(), statefulSet: apps.StatefulSets().Lister(),
	}
	l := loop.New("disruption", workers, env.Log, c.reconcile)
	stale := loop.New("disruption-stale", 1, env.Log, c.clearStale)
	if err := l.Watch(budgets.Informer(), loop.Itself); err != nil {
		return nil, err
	}
	if err := l.Watch(core.Pods().Informer(), c.keysOfPod); err != nil {
		return nil, err
	}
	run := func(ctx context.Context) {
		var wait sync.WaitGroup
		wait.Go(func() { stale.Run(ctx) })
		l.Run(ctx)
		wait.Wait()
	}
	return run, stale.Watch(core.Pods().Informer(), func(obj any) []loop.Key {
		if p, ok := obj.(*corev1.Pod); ok && targeted(p) {
			return loop.Itself(p)
		}
		return nil
	})
}

func (c *controller) keysOfPod(obj any) []loop.Key {
	p, ok := obj.(*corev1.Pod)
	if !ok {
		return nil
	}
	all, _ := c.budgets.PodDisruptionBudgets(p.Namespace).List(labels.Everything()) // a lister of a cache does not fail
	var keys []loop.Key
	for _, b := range all {
		if s, err := metav1.LabelSelectorAsSelector(b.Spec.Selector); err == nil && s.Matches(labels.Set(p.Labels)) {
			keys = append(keys, loop.Key{Namespace: b.Namespace, Name: b.Name})
		}
	}
	return keys
}

// reconcile looks at one budget.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	b, err := c.budgets.PodDisruptionBudgets(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	selector, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
	if err != nil {
		return 0, nil //nolint:nilerr // validation lets no such selector in
	}
	mine, err := c.pods.Pods(b.Namespace).List(selector)
	if err != nil {
		return 0, err
	}
	if len(mine) == 0 {
		c.events.Eventf(b, corev1.EventTypeNormal, "NoPods", "No matching pods found")
	}
	e, err := c.expect(ctx, b, mine)
	if err != nil {
		c.events.Eventf(b, corev1.EventTypeWarning, "CalculateExpectedPodCountFailed", "Failed to calculate the number of expected pods: %v", err)
		if reportErr := c.report(ctx, b, failSafe(b, err, c.now())); reportErr != nil {
			return 0, reportErr
		}
		return 0, err
	}
	if len(e.unmanaged) > 0 {
		c.events.Eventf(b, corev1.EventTypeWarning, "UnmanagedPods", "Pods selected by this PodDisruptionBudget (selector: %v) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.", b.Spec.Selector)
	}
	p := makePlan(b, mine, e, c.now())
	for _, pod := range p.notDeleted {
		c.events.Eventf(pod, corev1.EventTypeWarning, "NotDeleted", "Pod was expected by PDB %s/%s to be deleted but it wasn't", b.Namespace, b.Name)
	}
	return p.after, c.report(ctx, b, p.status)
}

// report writes the status if it differs. The eviction subresource writes it as well: of two that write at
// once, one is told so, and looks again.
func (c *controller) report(ctx context.Context, b *policyv1.PodDisruptionBudget, status policyv1.PodDisruptionBudgetStatus) error {
	if equality.Semantic.DeepEqual(status, b.Status) {
		return nil
	}
	next := *b // the cache's own parts are only read
	next.Status = status
	_, err := c.client.PolicyV1().PodDisruptionBudgets(b.Namespace).UpdateStatus(ctx, &next, metav1.UpdateOptions{})
	return err
}

func targeted(p *corev1.Pod) bool {
	c := pods.Condition(p, corev1.DisruptionTarget)
	return c != nil && c.Status == corev1.ConditionTrue && p.DeletionTimestamp == nil && !pods.Terminal(p)
}

// clearStale takes back that the pod is a target of disruption, when nobody has deleted it.
func (c *controller) clearStale(ctx context.Context, key loop.Key) (time.Duration, error) {
	p, err := c.pods.Pods(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) || err == nil && !targeted(p) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	since := pods.Condition(p, corev1.DisruptionTarget).LastTransitionTime
	if left := since.Add(staleAfter).Sub(c.now()); left > 0 {
		return left, nil
	}
	next := p.DeepCopy()
	cond := pods.Condition(next, corev1.DisruptionTarget)
	cond.Status, cond.LastTransitionTime = corev1.ConditionFalse, metav1.NewTime(c.now())
	_, err = c.client.CoreV1().Pods(p.Namespace).UpdateStatus(ctx, next, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	return 0, err
}
