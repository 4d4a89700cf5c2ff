// Package rootca publishes the cluster's CA into every namespace as the config map kube-root-ca.crt, which
// pods' service account volumes hold. It is kube-controller-manager's
// root-ca-certificate-publisher-controller.
package rootca

import (
	"context"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	informers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "root-ca-certificate-publisher-controller", Alias: "root-ca-cert-publisher", ServiceAccount: "root-ca-cert-publisher", Start: start}
}

const (
	name = "kube-root-ca.crt"
	file = "ca.crt"
	// describe is what Kubernetes says of the config map in an annotation.
	describe     = "kubernetes.io/description"
	describeText = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
)

type controller struct {
	client     kubernetes.Interface
	namespaces v1.NamespaceLister
	maps       v1.ConfigMapLister
	ca         string
}

func start(env control.Env) (func(context.Context), error) {
	namespaces := env.Informers.Core().V1().Namespaces()
	// Of all config maps only these are kept in memory.
	configMaps := informers.NewFilteredConfigMapInformer(env.Reader, "", 0, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc},
		func(o *metav1.ListOptions) { o.FieldSelector = "metadata.name=" + name })
	c := &controller{env.Client, namespaces.Lister(), v1.NewConfigMapLister(configMaps.GetIndexer()), string(env.Options.RootCA)}
	l := loop.New("root-ca", 1, env.Log, c.reconcile)
	if err := l.Watch(namespaces.Informer(), loop.Itself); err != nil {
		return nil, err
	}
	if err := l.Watch(configMaps, loop.Namespace); err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		go configMaps.RunWithContext(ctx)
		if cache.WaitForCacheSync(ctx.Done(), configMaps.HasSynced) {
			l.Run(ctx)
		}
	}, nil
}

// reconcile makes or mends the config map of the namespace, the key.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	ns, err := c.namespaces.Get(key.Name)
	if apierrors.IsNotFound(err) || err == nil && ns.Status.Phase != corev1.NamespaceActive {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	want := map[string]string{file: c.ca}
	have, err := c.maps.ConfigMaps(ns.Name).Get(name)
	switch {
	case apierrors.IsNotFound(err):
		cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: ns.Name, Annotations: map[string]string{describe: describeText}}, Data: want}
		_, err = c.client.CoreV1().ConfigMaps(ns.Name).Create(ctx, cm, metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) || apierrors.IsNotFound(err) {
			return 0, nil // another was faster, or the namespace goes away
		}
		return 0, err
	case err != nil:
		return 0, err
	case maps.Equal(have.Data, want) && have.Annotations[describe] == describeText:
		return 0, nil
	}
	cm := have.DeepCopy()
	cm.Data = want
	if cm.Annotations == nil {
		cm.Annotations = map[string]string{}
	}
	cm.Annotations[describe] = describeText
	_, err = c.client.CoreV1().ConfigMaps(ns.Name).Update(ctx, cm, metav1.UpdateOptions{})
	return 0, err
}
