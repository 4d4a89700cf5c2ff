// Package admittest is what tests of admission plugins share: objects in memory behind admit.Reader and
// admit.Writer, and writes as the engine would describe them. Only tests import it.
package admittest

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// A World is objects that plugins can read and write.
type World struct {
	mu       sync.Mutex
	objects  map[string]entry
	revision int64

	Reads int // calls of Get and List
	Syncs int // calls of Sync
	// OnSync, when set, is called by Sync: objects of another server that arrive late.
	OnSync func()
	// Conflicts is how many updates are to find that another writer was faster.
	Conflicts int
}

type entry struct {
	object   kinds.Object
	revision int64
}

// NewWorld returns a World with these objects.
func NewWorld(objs ...kinds.Object) *World {
	w := &World{objects: map[string]entry{}, revision: 1}
	w.Put(objs...)
	return w
}

// Put adds or replaces objects.
func (w *World) Put(objs ...kinds.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, obj := range objs {
		gvr := ResourceOf(obj).GroupVersionResource()
		w.revision++
		w.objects[key(gvr.Group, gvr.Resource, obj.GetNamespace(), obj.GetName())] = entry{obj, w.revision}
	}
}

// Remove removes an object.
func (w *World) Remove(obj kinds.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	gvr := ResourceOf(obj).GroupVersionResource()
	w.revision++
	delete(w.objects, key(gvr.Group, gvr.Resource, obj.GetNamespace(), obj.GetName()))
}

// Get implements admit.Reader.
func (w *World) Get(_ context.Context, group, plural, namespace, name string) (kinds.Object, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Reads++
	e, ok := w.objects[key(group, plural, namespace, name)]
	if !ok {
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: plural}, name)
	}
	return e.object.DeepCopyObject().(kinds.Object), nil
}

// List implements admit.Reader.
func (w *World) List(_ context.Context, group, plural, namespace string) ([]kinds.Object, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Reads++
	prefix := group + "/" + plural + "/"
	if namespace != "" {
		prefix += namespace + "/"
	}
	var keys []string
	for k := range w.objects {
		if strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	var out []kinds.Object
	for _, k := range keys {
		out = append(out, w.objects[k].object.DeepCopyObject().(kinds.Object))
	}
	return out, nil
}

// Revision implements admit.Reader.
func (w *World) Revision(_ context.Context, group, plural, namespace, name string) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name == "" {
		return w.revision, nil
	}
	return w.objects[key(group, plural, namespace, name)].revision, nil
}

// Sync implements admit.Reader.
func (w *World) Sync(context.Context) error {
	w.Syncs++
	if w.OnSync != nil {
		w.OnSync()
	}
	return nil
}

// Update implements admit.Writer.
func (w *World) Update(_ context.Context, group, plural, subresource, namespace, name string, change func(kinds.Object) error) error {
	for {
		w.mu.Lock()
		e, ok := w.objects[key(group, plural, namespace, name)]
		w.mu.Unlock()
		if !ok {
			return apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: plural}, name)
		}
		obj := e.object.DeepCopyObject().(kinds.Object)
		if err := change(obj); err != nil {
			return err
		}
		w.mu.Lock()
		if w.Conflicts > 0 {
			w.Conflicts--
			w.mu.Unlock()
			continue
		}
		if w.objects[key(group, plural, namespace, name)].revision != e.revision {
			w.mu.Unlock()
			continue
		}
		w.revision++
		w.objects[key(group, plural, namespace, name)] = entry{obj, w.revision}
		w.mu.Unlock()
		return nil
	}
}

// Create implements admit.Writer.
func (w *World) Create(_ context.Context, group, plural string, obj kinds.Object) error {
	w.mu.Lock()
	_, there := w.objects[key(group, plural, obj.GetNamespace(), obj.GetName())]
	w.mu.Unlock()
	if there {
		return apierrors.NewAlreadyExists(schema.GroupResource{Group: group, Resource: plural}, obj.GetName())
	}
	w.Put(obj)
	return nil
}

func key(group, plural, namespace, name string) string {
	return group + "/" + plural + "/" + namespace + "/" + name
}

// ResourceOf returns the resource of an object of k8s.io/api, with names alone.
func ResourceOf(obj runtime.Object) *kinds.Resource {
	gvks, _, err := scheme.Scheme.ObjectKinds(obj)
	if err != nil {
		panic(fmt.Sprintf("admittest: %v", err))
	}
	plural, singular := meta.UnsafeGuessKindToResource(gvks[0])
	return &kinds.Resource{
		Group: gvks[0].Group, Version: gvks[0].Version, Kind: gvks[0].Kind, Plural: plural.Resource, Singular: singular.Resource,
	}
}

var (
	_ admit.Reader = (*World)(nil)
	_ admit.Writer = (*World)(nil)
)
