package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

// things are the objects of one kind, as writers and watchers handle them. Each write leaves a mark of its own in
// two places of an object.
type things interface {
	kind() string
	create(ctx context.Context, name, mark string) (version, error)
	update(ctx context.Context, old version, mark string) (version, error)
	patch(ctx context.Context, name, mark string) (version, error)
	remove(ctx context.Context, name string) error
	list(ctx context.Context) (all map[string]version, revision string, err error)
	watch(ctx context.Context, revision string) (watch.Interface, error)
	version(obj runtime.Object) (version, error)
}

// A version is an object as one write left it.
type version struct {
	name     string
	mark     string // "" for an object that is gone
	uid      types.UID
	revision int64
	ending   bool // a pod's deletion writes twice: first that it is being deleted
	obj      runtime.Object
}

func (v version) String() string {
	if v.mark == "" {
		return v.name + " gone"
	}
	return fmt.Sprintf("%s marked %s at %d", v.name, v.mark, v.revision)
}

// client is what client-go has for a kind.
type client[T, L any] interface {
	Create(ctx context.Context, obj T, o metav1.CreateOptions) (T, error)
	Update(ctx context.Context, obj T, o metav1.UpdateOptions) (T, error)
	Patch(ctx context.Context, name string, typ types.PatchType, data []byte, o metav1.PatchOptions, sub ...string) (T, error)
	Delete(ctx context.Context, name string, o metav1.DeleteOptions) error
	List(ctx context.Context, o metav1.ListOptions) (L, error)
	Watch(ctx context.Context, o metav1.ListOptions) (watch.Interface, error)
}

type object interface {
	runtime.Object
	metav1.Object
}

// of is things of a Go type.
type of[T object, L metav1.ListInterface] struct {
	client[T, L]
	name  string
	make  func(name string) T
	set   func(obj T, mark string)
	get   func(obj T) string
	items func(L) []T
}

const annotation = "example.com/mark"

func configMaps(c kubernetes.Interface, namespace string) things {
	return of[*corev1.ConfigMap, *corev1.ConfigMapList]{
		client: c.CoreV1().ConfigMaps(namespace), name: "configmaps",
		make: func(name string) *corev1.ConfigMap {
			return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
		},
		set: func(cm *corev1.ConfigMap, mark string) {
			cm.Data = map[string]string{"payload": strings.Repeat(mark, 40)}
		},
		get: func(cm *corev1.ConfigMap) string { return cm.Data["payload"][:len(cm.Data["payload"])/40] },
		items: func(l *corev1.ConfigMapList) (out []*corev1.ConfigMap) {
			for i := range l.Items {
				out = append(out, &l.Items[i])
			}
			return out
		},
	}
}

func pods(c kubernetes.Interface, namespace string) things {
	const prefix = "example.com/"
	return of[*corev1.Pod, *corev1.PodList]{
		client: c.CoreV1().Pods(namespace), name: "pods",
		make: func(name string) *corev1.Pod {
			return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c"}}}}
		},
		set: func(p *corev1.Pod, mark string) { p.Spec.Containers[0].Image = prefix + mark },
		get: func(p *corev1.Pod) string { return strings.TrimPrefix(p.Spec.Containers[0].Image, prefix) },
		items: func(l *corev1.PodList) (out []*corev1.Pod) {
			for i := range l.Items {
				out = append(out, &l.Items[i])
			}
			return out
		},
	}
}

func (o of[T, L]) kind() string { return o.name }

func (o of[T, L]) marked(obj T, mark string) T {
	obj.SetAnnotations(map[string]string{annotation: mark})
	o.set(obj, mark)
	return obj
}

func (o of[T, L]) create(ctx context.Context, name, mark string) (version, error) {
	obj, err := o.Create(ctx, o.marked(o.make(name), mark), metav1.CreateOptions{})
	return o.result(obj, err)
}

func (o of[T, L]) update(ctx context.Context, old version, mark string) (version, error) {
	obj, err := o.Update(ctx, o.marked(old.obj.DeepCopyObject().(T), mark), metav1.UpdateOptions{})
	return o.result(obj, err)
}

func (o of[T, L]) patch(ctx context.Context, name, mark string) (version, error) {
	data, err := json.Marshal(o.marked(o.make(name), mark))
	if err != nil {
		return version{}, err
	}
	obj, err := o.Patch(ctx, name, types.StrategicMergePatchType, data, metav1.PatchOptions{})
	return o.result(obj, err)
}

func (o of[T, L]) remove(ctx context.Context, name string) error {
	now := int64(0)
	return o.Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: &now})
}

func (o of[T, L]) watch(ctx context.Context, revision string) (watch.Interface, error) {
	return o.Watch(ctx, metav1.ListOptions{ResourceVersion: revision})
}

func (o of[T, L]) list(ctx context.Context) (map[string]version, string, error) {
	l, err := o.List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, "", err
	}
	all := map[string]version{}
	for _, obj := range o.items(l) {
		v, err := o.version(obj)
		if err != nil {
			return nil, "", err
		}
		all[v.name] = v
	}
	return all, l.GetResourceVersion(), nil
}

func (o of[T, L]) result(obj T, err error) (version, error) {
	if err != nil {
		return version{}, err
	}
	return o.version(obj)
}

func (o of[T, L]) version(in runtime.Object) (version, error) {
	obj, ok := in.(T)
	if !ok {
		return version{}, fmt.Errorf("%T among the %s", in, o.name)
	}
	revision, err := strconv.ParseInt(obj.GetResourceVersion(), 10, 64)
	if err != nil {
		return version{}, err
	}
	v := version{name: obj.GetName(), mark: obj.GetAnnotations()[annotation], uid: obj.GetUID(), revision: revision, ending: obj.GetDeletionTimestamp() != nil, obj: obj}
	if got := o.get(obj); v.mark == "" || got != v.mark {
		return v, fmt.Errorf("%s %s is torn: %q in one place and %q in the other", o.name, v.name, v.mark, got)
	}
	return v, nil
}
