// Package serviceaccount gives every namespace its service account "default", and makes it anew when it is
// deleted. It is kube-controller-manager's serviceaccount-controller.
package serviceaccount

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/listers/core/v1"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
)

// Controller is the row of the manager's list.
func Controller() control.Controller {
	return control.Controller{Name: "serviceaccount-controller", Alias: "serviceaccount", ServiceAccount: "service-account-controller", Start: start}
}

const account = "default"

type controller struct {
	client     kubernetes.Interface
	namespaces v1.NamespaceLister
	accounts   v1.ServiceAccountLister
}

func start(env control.Env) (func(context.Context), error) {
	namespaces, accounts := env.Informers.Core().V1().Namespaces(), env.Informers.Core().V1().ServiceAccounts()
	c := &controller{env.Client, namespaces.Lister(), accounts.Lister()}
	l := loop.New("serviceaccount", 1, env.Log, c.reconcile)
	if err := l.Watch(namespaces.Informer(), loop.Itself); err != nil {
		return nil, err
	}
	if err := l.Watch(accounts.Informer(), loop.Namespace); err != nil {
		return nil, err
	}
	return l.Run, nil
}

// reconcile makes the account if the namespace, the key, has none.
func (c *controller) reconcile(ctx context.Context, key loop.Key) (time.Duration, error) {
	ns, err := c.namespaces.Get(key.Name)
	if apierrors.IsNotFound(err) || err == nil && ns.Status.Phase != corev1.NamespaceActive {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if _, err := c.accounts.ServiceAccounts(ns.Name).Get(account); !apierrors.IsNotFound(err) {
		return 0, err
	}
	sa := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account, Namespace: ns.Name}}
	_, err = c.client.CoreV1().ServiceAccounts(ns.Name).Create(ctx, sa, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) || apierrors.IsNotFound(err) {
		return 0, nil // another was faster, or the namespace goes away
	}
	return 0, err
}
