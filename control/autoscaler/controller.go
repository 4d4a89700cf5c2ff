// Package autoscaler sizes workloads by metrics. It is kube-controller-manager's
// horizontal-pod-autoscaler-controller (autoscaling/v2).
package autoscaler

import (
	"context"
	"sync"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	autoscalinglisters "k8s.io/client-go/listers/autoscaling/v2"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
	"github.com/nave-k8s/nave/control/scaling"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "horizontal-pod-autoscaler-controller", Alias: "horizontalpodautoscaling", ServiceAccount: "horizontal-pod-autoscaler", Start: start}
}

const (
	workers = 5
	// every is how often an autoscaler looks at its metrics.
	every = 15 * time.Second
)

type controller struct {
	client      kubernetes.Interface
	events      record.EventRecorder
	now         func() time.Time
	scaler      *scaling.Scaler
	source      source
	autoscalers autoscalinglisters.HorizontalPodAutoscalerLister
	pods        corelisters.PodLister
	seen        *pods.Ledger

	mu       sync.Mutex
	memories map[loop.Key]*memory
}

func start(env control.Env) (func(context.Context), error) {
	scaler, err := scaling.New(env.Config)
	if err != nil {
		return nil, err
	}
	autoscalers := env.Informers.Autoscaling().V2().HorizontalPodAutoscalers()
	c := &controller{
		client: env.Client, events: env.Recorder("horizontal-pod-autoscaler"), now: env.Now, scaler: scaler,
		source: api{env.Client.Discovery().RESTClient()}, autoscalers: autoscalers.Lister(), pods: env.Informers.Core().V1().Pods().Lister(),
		seen: pods.NewLedger(autoscalers.Informer().GetIndexer()), memories: map[loop.Key]*memory{},
	}
	l := loop.New("autoscaler", workers, env.Log, c.reconcile)
	// Its own status is no reason to look again; what is declared is.
	_, err = autoscalers.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { add(l, obj) },
		DeleteFunc: func(obj any) { add(l, obj) },
		UpdateFunc: func(old, obj any) {
			a, b := old.(*autoscalingv2.HorizontalPodAutoscaler), obj.(*autoscalingv2.HorizontalPodAutoscaler)
			if !equality.Semantic.DeepEqual(a.Spec, b.Spec) {
				add(l, obj)
			}
		},
	})
	return l.Run, err
}

func add(l *loop.Loop, obj any) {
	if t, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		obj = t.Obj
	}
	for _, k := range loop.Itself(obj) {
		l.Add(k)
	}
}

// reconcile looks at one autoscaler, now and again.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	hpa, err := c.autoscalers.HorizontalPodAutoscalers(key.Namespace).Get(key.Name)
	if apierrors.IsNotFound(err) {
		c.forget(key)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !c.seen.Settled(key, c.now()) {
		return 50 * time.Millisecond, nil
	}
	next := hpa.DeepCopy()
	next.Status.ObservedGeneration = nil
	if hpa.Generation > 0 {
		next.Status.ObservedGeneration = &hpa.Generation
	}
	c.scale(ctx, key, next)
	if !equality.Semantic.DeepEqual(hpa.Status, next.Status) {
		written, err := c.client.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace).UpdateStatus(ctx, next, metav1.UpdateOptions{})
		if err != nil {
			if !apierrors.IsNotFound(err) {
				c.events.Event(hpa, corev1.EventTypeWarning, "FailedUpdateStatus", err.Error())
			}
			return 0, err
		}
		c.seen.Wrote(key, written, c.now())
	}
	return every, nil
}

func (c *controller) memory(key loop.Key) *memory {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.memories[key]
	if m == nil {
		m = &memory{}
		c.memories[key] = m
	}
	return m
}

func (c *controller) forget(key loop.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.memories, key)
	c.seen.Forget(key)
}

func (c *controller) podsOf(namespace, selector string) ([]*corev1.Pod, error) {
	s, err := labels.Parse(selector)
	if err != nil {
		return nil, err
	}
	return c.pods.Pods(namespace).List(s)
}

func readyPod(p *corev1.Pod) bool { return pods.Ready(p) }
