package resource

import (
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/nave-k8s/nave/kinds"
)

// Who writes a Scale owns spec.replicas of the Scale; stored is that they own the replicas of the object.
// Between the two a managedfields.ScaleHandler translates.

// scaleFields returns what computes the managed fields of a Scale.
func (e *Engine) scaleFields() (*managedfields.FieldManager, error) {
	k := managerKey{posted: scaleKind, sub: "scale"}
	if m, ok := e.managers.Load(k); ok {
		return m.(*managedfields.FieldManager), nil
	}
	types := scaleTypes{versions{e.Kinds}}
	m, err := managedfields.NewDefaultFieldManager(e.Types, types, types, types, scaleKind, scaleKind.GroupVersion(), "scale", nil)
	if err == nil {
		e.managers.Store(k, m)
	}
	return m, err
}

// scaleHandler translates the managed fields of an object for its Scale and back.
func (e *Engine) scaleHandler(res *kinds.Resource, live kinds.Object) *managedfields.ScaleHandler {
	paths := managedfields.ResourcePathMappings{}
	for _, r := range e.Kinds.All() {
		if r.Root() != res.Root() {
			continue
		}
		var path fieldpath.Path
		if sub := r.Subresource("scale"); sub != nil && sub.Scale != nil {
			for _, name := range sub.Scale.ReplicasPath {
				path = append(path, fieldpath.PathElement{FieldName: &name})
			}
		}
		paths[r.GroupVersion().String()] = path
	}
	return managedfields.NewScaleHandler(live.GetManagedFields(), res.GroupVersion(), paths)
}

// scaleTypes are versions that know Scale besides the kinds that are served.
type scaleTypes struct{ versions }

func (t scaleTypes) New(gvk schema.GroupVersionKind) (runtime.Object, error) {
	if gvk == scaleKind {
		return emptyScale(), nil
	}
	return t.versions.New(gvk)
}

func (t scaleTypes) ConvertToVersion(in runtime.Object, to runtime.GroupVersioner) (runtime.Object, error) {
	if u, ok := in.(runtime.Unstructured); ok && in.GetObjectKind().GroupVersionKind() == scaleKind {
		scale := emptyScale() // a merge comes out as a map
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.UnstructuredContent(), scale); err != nil {
			return nil, err
		}
		in = scale
	}
	return t.versions.ConvertToVersion(in, to)
}

func emptyScale() *autoscalingv1.Scale {
	scale := &autoscalingv1.Scale{}
	scale.GetObjectKind().SetGroupVersionKind(scaleKind)
	return scale
}
