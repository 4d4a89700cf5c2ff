package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// watches begin where a list ended, or with the initial events and a bookmark that ends them.
func watches(ctx context.Context, _ *rest.Config, client kubernetes.Interface) error {
	maps := client.CoreV1().ConfigMaps(namespace)
	list, err := maps.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	plain, err := maps.Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion, LabelSelector: "app=go"})
	if err != nil {
		return err
	}
	defer plain.Stop()
	if _, err := maps.Create(ctx, configMap("watched", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	all := true
	initial, err := maps.Watch(ctx, metav1.ListOptions{
		SendInitialEvents: &all, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
		AllowWatchBookmarks: true, LabelSelector: "app=go",
	})
	if err != nil {
		return err
	}
	defer initial.Stop()
	if err := errors.Join(next(plain, watch.Added), next(initial, watch.Added)); err != nil {
		return err
	}
	bookmark := <-initial.ResultChan()
	if object, ok := bookmark.Object.(*corev1.ConfigMap); !ok || object.Annotations[metav1.InitialEventsAnnotationKey] != "true" {
		return fmt.Errorf("the initial events end with %v", bookmark)
	}
	if _, err := maps.Patch(ctx, "watched", types.MergePatchType, []byte(`{"data":{"k":"v"}}`), metav1.PatchOptions{}); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "watched", metav1.DeleteOptions{}); err != nil {
		return err
	}
	return errors.Join(
		next(plain, watch.Modified), next(plain, watch.Deleted),
		next(initial, watch.Modified), next(initial, watch.Deleted),
	)
}

// next is an error when the next event is not this.
func next(w watch.Interface, want watch.EventType) error {
	select {
	case e := <-w.ResultChan():
		return same("event", e.Type, want)
	case <-time.After(10 * time.Second):
		return fmt.Errorf("no event, but %s was due", want)
	}
}

// informs keeps a copy of what there is, through a factory as controllers share it.
func informs(ctx context.Context, _ *rest.Config, client kubernetes.Interface) error {
	maps := client.CoreV1().ConfigMaps(namespace)
	if _, err := maps.Create(ctx, configMap("first", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	factory := informers.NewSharedInformerFactory(client, 0)
	defer factory.Shutdown()
	defer cancel()
	seen := &record{changed: make(chan struct{}, 100)}
	lister := factory.Core().V1().ConfigMaps().Lister()
	informer := factory.Core().V1().ConfigMaps().Informer()
	namespaces := factory.Core().V1().Namespaces().Lister()
	if _, err := informer.AddEventHandler(seen); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("%s is not synced", kind)
		}
	}
	if all, err := namespaces.List(labels.Everything()); err != nil || len(all) != 4 {
		return fmt.Errorf("namespaces: %v %w", all, err)
	}
	if _, err := maps.Create(ctx, configMap("second", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	if _, err := maps.Patch(ctx, "first", types.MergePatchType, []byte(`{"data":{"k":"v"}}`), metav1.PatchOptions{}); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "second", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := seen.until("[add first add second update first delete second]"); err != nil {
		return err
	}
	first, err := lister.ConfigMaps(namespace).Get("first")
	if err != nil {
		return err
	}
	return errors.Join(same("data in the copy", first.Data["k"], "v"), maps.Delete(ctx, "first", metav1.DeleteOptions{}))
}

// record notes what an informer tells.
type record struct {
	mu      sync.Mutex
	events  []string
	changed chan struct{}
}

func (r *record) note(verb string, object any) {
	m, ok := object.(*corev1.ConfigMap)
	if !ok || m.Namespace != namespace || m.Labels["app"] != "go" { // controllers make some, too
		return
	}
	r.mu.Lock()
	r.events = append(r.events, verb+" "+m.Name)
	r.mu.Unlock()
	r.changed <- struct{}{}
}

func (r *record) OnAdd(object any, _ bool) { r.note("add", object) }
func (r *record) OnUpdate(_, object any)   { r.note("update", object) }
func (r *record) OnDelete(object any)      { r.note("delete", object) }
func (r *record) text() string             { r.mu.Lock(); defer r.mu.Unlock(); return fmt.Sprint(r.events) }
func (r *record) until(want string) error {
	for timeout := time.After(20 * time.Second); ; {
		if r.text() == want {
			return nil
		}
		select {
		case <-r.changed:
		case <-timeout:
			return fmt.Errorf("the informer told %s, not %s", r.text(), want)
		}
	}
}

var _ cache.ResourceEventHandler = &record{}
