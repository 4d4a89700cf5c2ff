// Package namespace empties namespaces that are being deleted and lets them go: pods first (KEP-5080), then
// everything else, custom resources included. It is kube-controller-manager's namespace-controller.
package namespace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/metadata"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "namespace-controller", Alias: "namespace", ServiceAccount: "namespace-controller", Start: start}
}

const (
	workers = 10
	// again is how soon a namespace is looked at again whose content goes away by itself.
	again = 500 * time.Millisecond
)

type controller struct {
	client     kubernetes.Interface
	metadata   metadata.Interface
	discovery  discovery.DiscoveryInterface
	namespaces v1.NamespaceLister
	now        func() time.Time
}

func start(env control.Env) (func(context.Context), error) {
	meta, err := metadata.NewForConfig(env.Config)
	if err != nil {
		return nil, err
	}
	namespaces := env.Informers.Core().V1().Namespaces()
	c := &controller{env.Client, meta, env.Client.Discovery(), namespaces.Lister(), env.Now}
	l := loop.New("namespace", workers, env.Log, c.reconcile)
	return l.Run, l.Watch(namespaces.Informer(), loop.Itself)
}

// reconcile empties the namespace if it is being deleted, and finalizes it once it is empty.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	ns, err := c.namespaces.Get(key.Name)
	if apierrors.IsNotFound(err) || err == nil && ns.DeletionTimestamp == nil {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if !slices.Contains(ns.Spec.Finalizers, corev1.FinalizerKubernetes) {
		return 0, nil // somebody else's finalizers are awaited
	}
	found, after := c.empty(ctx, ns)
	if err := c.report(ctx, ns, found); err != nil {
		return 0, err
	}
	if err := errors.Join(found.errs()...); err != nil {
		return 0, err
	}
	if len(found.remaining) > 0 {
		return max(after, again), nil
	}
	return 0, c.finalize(ctx, ns)
}

// finalize says that this controller has done its part.
func (c *controller) finalize(ctx context.Context, ns *corev1.Namespace) error {
	done := ns.DeepCopy()
	done.ResourceVersion = "" // conditions may just have been written
	done.Spec.Finalizers = slices.DeleteFunc(done.Spec.Finalizers, func(f corev1.FinalizerName) bool { return f == corev1.FinalizerKubernetes })
	_, err := c.client.CoreV1().Namespaces().Finalize(ctx, done, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// findings is what one look at a namespace found.
type findings struct {
	discovery  error
	content    []error
	remaining  map[string]int // objects left, by resource
	finalizers map[string]int // objects held, by finalizer
}

func (f *findings) errs() []error {
	out := slices.Clone(f.content)
	if f.discovery != nil {
		out = append(out, f.discovery)
	}
	return out
}

func (f *findings) failed(what string, err error) {
	f.content = append(f.content, fmt.Errorf("%s: %w", what, err))
}
