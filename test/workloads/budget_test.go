package workloads

import (
	"sync/atomic"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestBudget(t *testing.T) {
	var stuck atomic.Bool
	w := newWorld(t, func(p *corev1.Pod) *corev1.PodStatus {
		if stuck.Load() {
			return nil
		}
		return running(p)
	})
	w.deployment("web", 3)
	w.rollout("web")
	b := &policyv1.PodDisruptionBudget{ObjectMeta: meta("web"), Spec: policyv1.PodDisruptionBudgetSpec{Selector: selector("web"), MaxUnavailable: ptr(intstr.FromInt32(1))}}
	_, err := w.PolicyV1().PodDisruptionBudgets(ns).Create(w.ctx, b, metav1.CreateOptions{})
	w.must(err)
	allowed := func(n int32) {
		t.Helper()
		w.eventually("the budget allows", func() bool {
			b, err := w.PolicyV1().PodDisruptionBudgets(ns).Get(w.ctx, "web", metav1.GetOptions{})
			w.must(err)
			s := b.Status
			return s.DisruptionsAllowed == n && s.ExpectedPods == 3 && s.DesiredHealthy == 2 && s.ObservedGeneration == b.Generation && len(s.Conditions) == 1
		})
	}
	allowed(1)
	stuck.Store(true) // what is evicted comes back and does not work
	pods := w.pods("app=web")
	evict := func(i int) error {
		return w.PolicyV1().Evictions(ns).Evict(w.ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pods[i].Name, Namespace: ns}})
	}
	w.must(evict(0))
	if err := evict(1); !apierrors.IsTooManyRequests(err) {
		t.Errorf("a second eviction: %v", err)
	}
	allowed(0)
}

func TestAutoscalerBounds(t *testing.T) {
	w := newWorld(t, nil)
	w.deployment("web", 5)
	w.rollout("web")
	hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: meta("web"), Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
		ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"}, MinReplicas: ptr(int32(1)), MaxReplicas: 3,
	}}
	api := w.AutoscalingV2().HorizontalPodAutoscalers(ns)
	_, err := api.Create(w.ctx, hpa, metav1.CreateOptions{})
	w.must(err)
	scaled := func(n int32) {
		t.Helper()
		w.eventually("the deployment is scaled", func() bool {
			d, err := w.AppsV1().Deployments(ns).Get(w.ctx, "web", metav1.GetOptions{})
			w.must(err)
			hpa, err := api.Get(w.ctx, "web", metav1.GetOptions{})
			w.must(err)
			return *d.Spec.Replicas == n && hpa.Status.DesiredReplicas == n && d.Status.AvailableReplicas == n
		})
	}
	scaled(3)
	w.event("HorizontalPodAutoscaler", "web", "SuccessfulRescale", "New size: 3; reason: Current number of replicas above Spec.MaxReplicas")
	_, err = api.Patch(w.ctx, "web", types.MergePatchType, []byte(`{"spec":{"minReplicas":4,"maxReplicas":6}}`), metav1.PatchOptions{})
	w.must(err)
	scaled(4)
	_, err = api.Patch(w.ctx, "web", types.MergePatchType, []byte(`{"spec":{"minReplicas":2}}`), metav1.PatchOptions{})
	w.must(err)
	w.event("HorizontalPodAutoscaler", "web", "FailedGetResourceMetric", "unable to get metrics for resource cpu")
}
