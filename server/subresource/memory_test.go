package subresource

import (
	"context"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// memory is Reader, Writer and Deleter over a map.
type memory struct {
	objects  map[string]kinds.Object
	revision int
	// onGet runs after a Get of the key, once: another writer that is faster.
	onGet map[string]func()
}

func newMemory(objects ...kinds.Object) *memory {
	m := &memory{objects: map[string]kinds.Object{}, onGet: map[string]func(){}}
	for _, o := range objects {
		m.put(o)
	}
	return m
}

func pluralOf(o kinds.Object) string {
	switch o.(type) {
	case *corev1.Pod:
		return "pods"
	case *corev1.Node:
		return "nodes"
	case *corev1.Secret:
		return "secrets"
	case *corev1.ServiceAccount:
		return "serviceaccounts"
	}
	return "poddisruptionbudgets"
}

func (m *memory) put(o kinds.Object) {
	m.revision++
	o.SetResourceVersion(strconv.Itoa(m.revision))
	m.objects[pluralOf(o)+"/"+o.GetNamespace()+"/"+o.GetName()] = o
}

func (m *memory) Get(_ context.Context, group, plural, namespace, name string) (kinds.Object, error) {
	key := plural + "/" + namespace + "/" + name
	o := m.objects[key]
	if o == nil {
		return nil, apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: plural}, name)
	}
	out := o.DeepCopyObject().(kinds.Object)
	if f := m.onGet[key]; f != nil {
		delete(m.onGet, key)
		f()
	}
	return out, nil
}

func (m *memory) List(_ context.Context, _, plural, namespace string) ([]kinds.Object, error) {
	var out []kinds.Object
	for _, o := range m.objects {
		if pluralOf(o) == plural && o.GetNamespace() == namespace {
			out = append(out, o.DeepCopyObject().(kinds.Object))
		}
	}
	return out, nil
}

func (m *memory) Set(ctx context.Context, group, plural, namespace, name string, change func(kinds.Object) error) (kinds.Object, error) {
	o, err := m.Get(ctx, group, plural, namespace, name)
	if err != nil {
		return nil, err
	}
	if err := change(o); err != nil {
		return nil, err
	}
	m.put(o)
	return o.DeepCopyObject().(kinds.Object), nil
}

func (m *memory) Update(ctx context.Context, group, plural, _, namespace, name string, change func(kinds.Object) error) error {
	_, err := m.Set(ctx, group, plural, namespace, name, change)
	return err
}

func (m *memory) Delete(ctx context.Context, group, plural, namespace, name string, options *metav1.DeleteOptions) error {
	o, err := m.Get(ctx, group, plural, namespace, name)
	if err != nil {
		return err
	}
	if p := options.Preconditions; p != nil && p.ResourceVersion != nil && *p.ResourceVersion != o.GetResourceVersion() {
		return apierrors.NewConflict(schema.GroupResource{Group: group, Resource: plural}, name, errStale)
	}
	if len(options.DryRun) == 0 {
		delete(m.objects, plural+"/"+namespace+"/"+name)
	}
	return nil
}

var errStale = apierrors.NewBadRequest("stale")

var testNow = time.Unix(1_700_000_000, 0)

func testClock() time.Time { return testNow }

func call(name string, obj kinds.Object) *Call {
	return &Call{Request: &request.Request{}, Namespace: "ns", Name: name, Object: obj}
}

func testPod(name string, change ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "ns", UID: types.UID("uid-" + name)}}
	p.Spec.ServiceAccountName = "default"
	for _, f := range change {
		f(p)
	}
	return p
}

// statusOf returns code and message of an error as a client sees them.
func statusOf(err error) (int, string) {
	if err == nil {
		return 201, ""
	}
	if s, ok := err.(apierrors.APIStatus); ok {
		return int(s.Status().Code), s.Status().Message
	}
	return 500, err.Error()
}
