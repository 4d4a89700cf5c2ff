package kinds

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
)

// A life is that of one object.
type life struct {
	client   *rest.RESTClient
	scheme   *runtime.Scheme
	encoding string
	resource metav1.APIResource
	gvk      schema.GroupVersionKind
	object   runtime.Object // as it is to be created
	name     string
	fact     fact
	etcd     *clientv3.Client
}

func newLife(t *testing.T, config *rest.Config, encoding string, resource metav1.APIResource, object *unstructured.Unstructured) *life {
	t.Helper()
	l := &life{encoding: encoding, resource: resource, gvk: object.GroupVersionKind(), name: object.GetName(), scheme: scheme(t)}
	if l.gvk.Kind == "Binding" { // a pod is bound only once
		l.name += "-" + encoding[strings.LastIndexAny(encoding, "/.")+1:]
		object = object.DeepCopy()
		object.SetName(l.name)
	}
	gv := l.gvk.GroupVersion()
	config.GroupVersion, config.APIPath = &gv, "/apis"
	if gv.Group == "" {
		config.APIPath = "/api"
	}
	config.ContentType, config.AcceptContentTypes = encoding, encoding
	config.WarningHandler = rest.NoWarnings{} // of deprecated kinds
	config.NegotiatedSerializer = serializer.NewCodecFactory(l.scheme).WithoutConversion()
	var err error
	if l.client, err = rest.RESTClientFor(config); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	l.object = l.empty(t, l.gvk.Kind)
	if err := json.Unmarshal(text, l.object); err != nil {
		t.Fatal(err)
	}
	return l
}

// empty makes an object of a kind of the same version.
func (l *life) empty(t *testing.T, kind string) runtime.Object {
	t.Helper()
	object, err := l.scheme.New(l.gvk.GroupVersion().WithKind(kind))
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// all is the whole life, from create to delete.
func (l *life) all(t *testing.T) {
	changes := l.watch(t)
	created := l.create(t)
	next(t, changes, watch.Added, created)
	l.holds(t)

	if read := l.get(t); version(t, read) != version(t, created) {
		t.Errorf("get answers version %s, create %s", version(t, read), version(t, created))
	}
	l.list(t, created)

	patched := l.patch(t, types.MergePatchType, `{"metadata":{"labels":{"patched":"yes"}}}`)
	if accessor(t, patched).GetLabels()["patched"] != "yes" {
		t.Errorf("the patch has no effect: %v", accessor(t, patched).GetLabels())
	}
	next(t, changes, watch.Modified, patched)
	applied := l.patch(t, types.ApplyYAMLPatchType,
		fmt.Sprintf(`{"apiVersion":%q,"kind":%q,"metadata":{"annotations":{"applied":"yes"}}}`, l.gvk.GroupVersion(), l.gvk.Kind))
	if accessor(t, applied).GetAnnotations()["applied"] != "yes" || accessor(t, applied).GetLabels()["patched"] != "yes" {
		t.Errorf("the apply has no effect: %v", accessor(t, applied))
	}
	next(t, changes, watch.Modified, applied)
	l.holds(t)

	l.delete(t, changes)
	if _, err := l.request(l.client.Get()).Do(t.Context()).Raw(); !apierrors.IsNotFound(err) {
		t.Errorf("after the delete: %v", err)
	}
	if held, err := l.etcd.Get(t.Context(), l.key()); err != nil || held.Count != 0 {
		t.Errorf("after the delete etcd holds %d objects at %s, %v", held.Count, l.key(), err)
	}
}

// request asks for the object.
func (l *life) request(r *rest.Request) *rest.Request { return l.collection(r).Name(l.name) }

// collection asks for all objects of the resource.
func (l *life) collection(r *rest.Request) *rest.Request {
	return r.NamespaceIfScoped(namespace, l.resource.Namespaced).Resource(l.resource.Name)
}

func (l *life) create(t *testing.T) runtime.Object {
	t.Helper()
	var code int
	var contentType string
	result := l.collection(l.client.Post()).Body(l.object).Do(t.Context()).StatusCode(&code).ContentType(&contentType)
	if err := result.Error(); err != nil {
		t.Fatalf("create: %v", err)
	}
	if code != http.StatusCreated || contentType != l.encoding {
		t.Errorf("create answers %d in %s", code, contentType)
	}
	if l.gvk.Kind == "Binding" {
		return nil // the answer is a Status
	}
	created := l.empty(t, l.gvk.Kind)
	if err := result.Into(created); err != nil {
		t.Fatalf("create: %v", err)
	}
	return created
}

func (l *life) get(t *testing.T) runtime.Object {
	t.Helper()
	read := l.empty(t, l.gvk.Kind)
	if err := l.request(l.client.Get()).Do(t.Context()).Into(read); err != nil {
		t.Fatalf("get: %v", err)
	}
	return read
}

// list finds the object in all of the resource, and by its name alone.
func (l *life) list(t *testing.T, want runtime.Object) {
	t.Helper()
	for _, selector := range []string{"", "metadata.name=" + l.name} {
		list := l.empty(t, l.gvk.Kind+"List")
		if err := l.collection(l.client.Get()).Param("fieldSelector", selector).Do(t.Context()).Into(list); err != nil {
			t.Fatalf("list: %v", err)
		}
		found, count := false, 0
		err := meta.EachListItem(list, func(item runtime.Object) error {
			count++
			found = found || accessor(t, item).GetUID() == accessor(t, want).GetUID() && version(t, item) == version(t, want)
			return nil
		})
		if err != nil || !found || selector != "" && count != 1 {
			t.Errorf("the list with selector %q has %d objects, found: %t, %v", selector, count, found, err)
		}
	}
}

func (l *life) patch(t *testing.T, kind types.PatchType, text string) runtime.Object {
	t.Helper()
	patched := l.empty(t, l.gvk.Kind)
	err := l.request(l.client.Patch(kind)).Param("fieldManager", "test").Body([]byte(text)).Do(t.Context()).Into(patched)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return patched
}

// delete deletes the object, and takes away what would hold it.
func (l *life) delete(t *testing.T, changes watch.Interface) {
	t.Helper()
	if err := l.request(l.client.Delete()).Do(t.Context()).Error(); err != nil {
		t.Fatalf("delete: %v", err)
	}
	held, err := l.request(l.client.Get()).Do(t.Context()).Raw()
	if err == nil && len(held) > 0 {
		if accessor(t, l.get(t)).GetDeletionTimestamp() == nil {
			t.Fatalf("the object is still there after the delete, and not about to go")
		}
		if l.gvk.Kind == "Namespace" {
			body := fmt.Sprintf(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q},"spec":{}}`, l.name)
			err = l.request(l.client.Put()).SubResource("finalize").SetHeader("Content-Type", "application/json").Body([]byte(body)).Do(t.Context()).Error()
		} else {
			_, err = l.request(l.client.Patch(types.MergePatchType)).Body([]byte(`{"metadata":{"finalizers":null}}`)).Do(t.Context()).Raw()
		}
		if err != nil {
			t.Fatalf("take away finalizers: %v", err)
		}
	}
	for timeout := time.After(waiting); ; {
		select {
		case e := <-changes.ResultChan():
			switch e.Type {
			case watch.Modified: // it is about to be deleted
			case watch.Deleted:
				return
			default:
				t.Fatalf("the delete is told as %v", e)
			}
		case <-timeout:
			t.Fatal("the delete is not told")
		}
	}
}

// waiting is how long a watch may keep one waiting on a busy machine.
const waiting = 20 * time.Second

func (l *life) watch(t *testing.T) watch.Interface {
	t.Helper()
	list := l.empty(t, l.gvk.Kind+"List")
	if err := l.collection(l.client.Get()).Do(t.Context()).Into(list); err != nil {
		t.Fatalf("list: %v", err)
	}
	of, err := meta.ListAccessor(list)
	if err != nil {
		t.Fatal(err)
	}
	w, err := l.collection(l.client.Get()).Param("watch", "1").Param("resourceVersion", of.GetResourceVersion()).
		Param("fieldSelector", "metadata.name="+l.name).Watch(t.Context())
	if err != nil {
		t.Fatalf("watch: %v", err)
	}
	t.Cleanup(w.Stop)
	return w
}

// next reads the next event.
func next(t *testing.T, w watch.Interface, kind watch.EventType, object runtime.Object) {
	t.Helper()
	select {
	case e := <-w.ResultChan():
		if e.Type != kind {
			t.Fatalf("the watch tells of %v, not of %s", e, kind)
		}
		if version(t, e.Object) != version(t, object) {
			t.Errorf("the watch tells of version %s, not of %s", version(t, e.Object), version(t, object))
		}
	case <-time.After(waiting):
		t.Fatalf("the watch does not tell of %s", kind)
	}
}

func (l *life) key() string { return l.fact.keyOf(namespace, l.name) }

// holds compares what etcd holds with the facts.
func (l *life) holds(t *testing.T) {
	t.Helper()
	held, err := l.etcd.Get(t.Context(), l.key())
	if err != nil || held.Count != 1 {
		t.Fatalf("etcd holds %d objects at %s, %v", held.Count, l.key(), err)
	}
	f, kind, err := stored(held.Kvs[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	if f.encoding != l.fact.encoding || f.version != l.fact.version || kind != l.gvk.Kind {
		t.Errorf("etcd holds %s of version %s in %s; the facts say %s in %s", kind, f.version, f.encoding, l.fact.version, l.fact.encoding)
	}
}

func accessor(t *testing.T, object runtime.Object) metav1.Object {
	t.Helper()
	a, err := meta.Accessor(object)
	if err != nil {
		t.Fatalf("%T: %v", object, err)
	}
	return a
}

func version(t *testing.T, object runtime.Object) string {
	t.Helper()
	return accessor(t, object).GetResourceVersion()
}
