package workloads

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/nave-k8s/nave/navetest"
)

// A world is a control plane and somebody who plays its pods.
type world struct {
	*testing.T
	kubernetes.Interface
	config *rest.Config
	ctx    context.Context
}

const ns = "default"

// newWorld starts a control plane. play says what a pod becomes once it is there; nil for pods that run and
// are ready, except those whose image is bad.
func newWorld(t *testing.T, play func(*corev1.Pod) *corev1.PodStatus, options ...navetest.Option) *world {
	t.Helper()
	t.Parallel()
	if os.Getenv("NAVE_LOG") != "" {
		options = append(options, navetest.Log(slog.New(slog.NewTextHandler(os.Stderr, nil))))
	}
	cp := navetest.Start(t, options...)
	w := &world{T: t, Interface: kubernetes.NewForConfigOrDie(cp.Config), config: cp.Config, ctx: t.Context()}
	if play == nil {
		play = running
	}
	factory := informers.NewSharedInformerFactory(w, 0)
	set := func(obj any) {
		p := obj.(*corev1.Pod)
		if p.DeletionTimestamp != nil {
			w.CoreV1().Pods(p.Namespace).Delete(w.ctx, p.Name, *metav1.NewDeleteOptions(0)) //nolint:errcheck // it may be gone
			return
		}
		status := play(p)
		if status == nil {
			return
		}
		p = p.DeepCopy()
		p.Status = *status
		if _, err := w.CoreV1().Pods(p.Namespace).UpdateStatus(w.ctx, p, metav1.UpdateOptions{}); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && w.ctx.Err() == nil {
			t.Errorf("pod %s: %v", p.Name, err)
		}
	}
	factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: set, UpdateFunc: func(_, obj any) { set(obj) }}) //nolint:errcheck // it is new
	factory.Start(t.Context().Done())
	w.eventually("the service account is there", func() bool {
		_, err := w.CoreV1().ServiceAccounts(ns).Get(w.ctx, "default", metav1.GetOptions{})
		return err == nil
	})
	return w
}

// running makes pending pods run and be ready.
func running(p *corev1.Pod) *corev1.PodStatus {
	if p.Status.Phase != corev1.PodPending || strings.Contains(p.Spec.Containers[0].Image, "bad") {
		return nil
	}
	s := p.Status.DeepCopy()
	s.Phase = corev1.PodRunning
	s.Conditions = append(s.Conditions, corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Now()})
	return s
}

// eventually asks until the answer is yes.
func (w *world) eventually(what string, ask func() bool) {
	w.Helper()
	for end := time.Now().Add(30 * time.Second); !ask(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.dump()
			w.Fatalf("after 30 seconds still not: %s", what)
		}
	}
}

// dump says what there is, for a failure.
func (w *world) dump() {
	for _, p := range w.pods("") {
		w.Logf("pod %s %s %v deleted %v finalizers %v", p.Name, p.Status.Phase, p.Labels, p.DeletionTimestamp, p.Finalizers)
	}
	events, err := w.CoreV1().Events("").List(w.ctx, metav1.ListOptions{})
	if err != nil {
		w.Log(err)
		return
	}
	for _, e := range events.Items {
		w.Logf("event of %s %s: %s: %s", e.InvolvedObject.Kind, e.InvolvedObject.Name, e.Reason, e.Message)
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.dump()
		w.Fatal(err)
	}
}

func (w *world) pods(selector string) []corev1.Pod {
	w.Helper()
	list, err := w.CoreV1().Pods(ns).List(w.ctx, metav1.ListOptions{LabelSelector: selector})
	w.must2(err)
	return list.Items
}

func (w *world) must2(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// event waits for an event.
func (w *world) event(kind, name, reason, text string) {
	w.Helper()
	w.eventually("event "+reason+" of "+kind+" "+name, func() bool {
		list, err := w.CoreV1().Events(ns).List(w.ctx, metav1.ListOptions{})
		w.must2(err)
		for _, e := range list.Items {
			if e.InvolvedObject.Kind == kind && e.InvolvedObject.Name == name && e.Reason == reason && strings.Contains(e.Message, text) {
				return true
			}
		}
		return false
	})
}

// template is of pods with the label app.
func template(app, image string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": app}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: image}}},
	}
}

func selector(app string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": app}}
}

func meta(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name, Namespace: ns} }

func ptr[T any](v T) *T { return &v }

func unstructuredOf(content map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: content}
}
