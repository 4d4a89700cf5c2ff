package resource

import (
	"fmt"
	"strings"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/nave-k8s/nave/kinds"
)

// managerKey names a field manager: one for each way of writing a kind.
type managerKey struct {
	res    *kinds.Resource
	posted schema.GroupVersionKind // instead of res: what is not stored
	sub    string
}

// fields returns what computes metadata.managedFields for writes of the kind through the subresource.
func (e *Engine) fields(res *kinds.Resource, sub *kinds.Subresource) (*managedfields.FieldManager, error) {
	k := managerKey{res: res}
	reset := res.Root().Rules.ResetFields
	if sub != nil {
		k.sub = sub.Name
		if sub.Part != nil {
			reset = sub.Part.ResetFields
		}
	}
	if m, ok := e.managers.Load(k); ok {
		return m.(*managedfields.FieldManager), nil
	}
	versions := versions{e.Kinds}
	m, err := managedfields.NewDefaultFieldManager(e.Types, versions, versions, versions,
		res.GroupVersionKind(), res.GroupVersion(), k.sub, e.resetFilters(res, reset))
	if err != nil {
		return nil, err
	}
	e.managers.Store(k, m)
	return m, nil
}

// postedFields is fields for what is posted and not stored.
func (e *Engine) postedFields(kind schema.GroupVersionKind, sub string) (*managedfields.FieldManager, error) {
	k := managerKey{posted: kind, sub: sub}
	if m, ok := e.managers.Load(k); ok {
		return m.(*managedfields.FieldManager), nil
	}
	versions := versions{e.Kinds}
	m, err := managedfields.NewDefaultFieldManager(e.Types, versions, versions, versions, kind, kind.GroupVersion(), sub, nil)
	if err == nil {
		e.managers.Store(k, m)
	}
	return m, err
}

// resetFilters leaves the given paths out of what a manager owns, in each version of the kind.
func (e *Engine) resetFilters(res *kinds.Resource, paths []string) map[fieldpath.APIVersion]fieldpath.Filter {
	if len(paths) == 0 {
		return nil
	}
	set := fieldpath.NewSet()
	for _, p := range paths {
		var path fieldpath.Path
		for _, name := range strings.Split(p, ".") {
			path = append(path, fieldpath.PathElement{FieldName: &name})
		}
		set.Insert(path)
	}
	filter := fieldpath.NewExcludeSetFilter(set)
	out := map[fieldpath.APIVersion]fieldpath.Filter{}
	for _, r := range e.Kinds.All() {
		if r.Root() == res.Root() {
			out[fieldpath.APIVersion(r.GroupVersion().String())] = filter
		}
	}
	return out
}

// versions converts between the served versions of a kind, for managers that wrote in another version.
type versions struct{ set *kinds.Set }

var (
	_ runtime.ObjectConvertor = versions{}
	_ runtime.ObjectDefaulter = versions{}
	_ runtime.ObjectCreater   = versions{}
)

// ConvertToVersion sets the type of a Go object, and converts it where it has another version.
func (v versions) ConvertToVersion(in runtime.Object, to runtime.GroupVersioner) (runtime.Object, error) {
	gv, ok := to.(schema.GroupVersion)
	if !ok {
		return nil, fmt.Errorf("cannot convert to %v", to)
	}
	gvk := in.GetObjectKind().GroupVersionKind()
	from := v.set.Kind(gvk)
	if gvk == scaleKind {
		from = scaleResource
	}
	if u, ok := in.(runtime.Unstructured); ok && from != nil && !isUnstructured(from) {
		typed := newObject(from) // a merge comes out as a map
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.UnstructuredContent(), typed); err != nil {
			return nil, err
		}
		in = typed
	}
	if gvk.GroupVersion() == gv {
		return in, nil
	}
	if from == nil {
		return nil, runtime.NewNotRegisteredErrForKind("nave", gvk)
	}
	want := v.set.Kind(gv.WithKind(gvk.Kind))
	// Events have two groups, of which neither's managers know the other's fields.
	if want == nil || want.Root() != from.Root() || want.Group != from.Group {
		return nil, runtime.NewNotRegisteredErrForKind("nave", gv.WithKind(gvk.Kind))
	}
	obj := in.(kinds.Object)
	if from.Hub != nil {
		obj = from.ToHub(obj)
	}
	if want.Hub != nil {
		obj = want.FromHub(obj)
	}
	obj.GetObjectKind().SetGroupVersionKind(want.GroupVersionKind())
	return obj, nil
}

// Convert is not used by field managers.
func (versions) Convert(in, out, _ any) error { return fmt.Errorf("cannot convert %T to %T", in, out) }

// ConvertFieldLabel is not used by field managers.
func (versions) ConvertFieldLabel(gvk schema.GroupVersionKind, label, _ string) (string, string, error) {
	return "", "", fmt.Errorf("no field labels of %v", gvk)
}

// Default fills in an applied object.
func (v versions) Default(in runtime.Object) {
	if r := v.set.Kind(in.GetObjectKind().GroupVersionKind()); r != nil {
		if obj, ok := in.(kinds.Object); ok {
			setDefaults(r, obj)
		}
	}
}

// New returns an empty object of the kind.
func (v versions) New(gvk schema.GroupVersionKind) (runtime.Object, error) {
	if gvk == scaleKind {
		return &autoscalingv1.Scale{TypeMeta: metav1.TypeMeta{Kind: "Scale", APIVersion: "autoscaling/v1"}}, nil
	}
	r := v.set.Kind(gvk)
	if r == nil {
		return nil, runtime.NewNotRegisteredErrForKind("nave", gvk)
	}
	return newObject(r), nil
}

// newObject returns an empty object with its type set.
func newObject(res *kinds.Resource) kinds.Object {
	obj := res.New().(kinds.Object)
	obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
	return obj
}

// setDefaults fills in what a client left out, in the version it wrote.
func setDefaults(res *kinds.Resource, obj kinds.Object) {
	if res.Rules.Default != nil {
		res.Rules.Default(obj)
	}
}
