package garbage

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// monitor watches the metadata of one kind. It is the store of a reflector, and keeps nothing but what the
// graph keeps.
type monitor struct {
	resource *resource
	graph    *graph
	stop     context.CancelFunc
	synced   atomic.Bool
}

func (c *controller) watch(ctx context.Context, r *resource, wait *sync.WaitGroup) *monitor {
	ctx, stop := context.WithCancel(ctx)
	m := &monitor{resource: r, graph: c.graph, stop: stop}
	client := c.metadata.Resource(r.GroupVersionResource)
	lw := cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return client.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			w, err := client.Watch(ctx, o)
			if err != nil && ctx.Err() != nil {
				err = io.EOF // the reflector says nothing of it: it was told to stop
			}
			return w, err
		},
	}, c.metadata)
	reflector := cache.NewReflectorWithOptions(lw, &metav1.PartialObjectMetadata{}, m, cache.ReflectorOptions{Name: "garbage", TypeDescription: r.GroupVersionResource.String()})
	wait.Go(func() { reflector.RunWithContext(ctx) })
	return m
}

// Add is of cache.ReflectorStore, as are those that follow.
func (m *monitor) Add(obj any) error {
	if o, ok := obj.(*metav1.PartialObjectMetadata); ok {
		m.graph.set(m.resource, o)
	}
	return nil
}

// Update notes the object's newer state.
func (m *monitor) Update(obj any) error { return m.Add(obj) }

// Delete notes that it is gone.
func (m *monitor) Delete(obj any) error {
	if o, ok := obj.(*metav1.PartialObjectMetadata); ok {
		m.graph.remove(o.UID)
	}
	return nil
}

// Replace notes all objects there are.
func (m *monitor) Replace(objs []any, _ string) error {
	uids := make(map[types.UID]struct{}, len(objs))
	for _, obj := range objs {
		if o, ok := obj.(*metav1.PartialObjectMetadata); ok {
			uids[o.UID] = struct{}{}
			m.graph.set(m.resource, o)
		}
	}
	if m.synced.Swap(true) {
		m.graph.keep(m.resource, uids)
	}
	return nil
}

// Resync has nothing to do.
func (m *monitor) Resync() error { return nil }

// synced reports whether every kind has been read.
func (c *controller) synced() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, m := range c.monitors {
		if !m.synced.Load() {
			return false
		}
	}
	return true
}

// waitForMonitors waits until every kind has been read; a kind that cannot be read holds nobody up for ever,
// only decisions that need the whole graph.
func (c *controller) waitForMonitors(ctx context.Context) bool {
	end := time.Now().Add(30 * time.Second)
	for !c.synced() && time.Now().Before(end) {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
	return true
}

func (c *controller) stopMonitors() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.monitors {
		m.stop()
	}
}
