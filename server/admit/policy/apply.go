package policy

import (
	"fmt"
	"strings"

	"github.com/google/cel-go/common/types/ref"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/cel/mutation/dynamic"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
	"sigs.k8s.io/structured-merge-diff/v6/value"
)

// apply merges an apply configuration into the object, as server-side apply would, but nobody comes to own the
// fields.
func (n *names) apply(result ref.Val) (changed bool, err error) {
	configuration, ok := result.(*dynamic.ObjectVal)
	if !ok {
		return false, fmt.Errorf("unsupported return type from ApplyConfiguration expression: %v", result.Type())
	}
	if err := configuration.CheckTypeNamesMatchFieldPathNames(); err != nil {
		return false, fmt.Errorf("type mismatch: %w", err)
	}
	fields, ok := configuration.Value().(map[string]any)
	if !ok {
		return false, fmt.Errorf("invalid return type: %T", result)
	}
	object, _, err := n.view.Objects()
	if err != nil {
		return false, err
	}
	converter := n.write.Types
	if _, custom := object.(*unstructured.Unstructured); custom {
		// The structure is read off the object: lists are atomic, as they are in definitions that do not say otherwise.
		converter = managedfields.NewDeducedTypeConverter()
	}
	merged, err := merge(converter, object, fields)
	if err != nil {
		return false, fmt.Errorf("error applying patch: %w", err)
	}
	raw, err := (&unstructured.Unstructured{Object: merged}).MarshalJSON()
	if err != nil {
		return false, err
	}
	return n.view.Replace(raw)
}

func merge(types managedfields.TypeConverter, object runtime.Object, fields map[string]any) (map[string]any, error) {
	patch := &unstructured.Unstructured{Object: fields}
	if fields == nil {
		patch.Object = map[string]any{}
	}
	patch.SetGroupVersionKind(object.GetObjectKind().GroupVersionKind())
	wanted, err := types.ObjectToTyped(patch)
	if err != nil {
		return nil, fmt.Errorf("failed to convert patch object to typed object: %w", err)
	}
	if whole := atomics(nil, wanted.Schema(), wanted.TypeRef(), wanted.AsValue()); len(whole) > 0 {
		return nil, fmt.Errorf("invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: %v", strings.Join(whole, ", "))
	}
	live, err := types.ObjectToTyped(object, typed.AllowDuplicates)
	if err != nil {
		return nil, fmt.Errorf("failed to convert original object to typed object: %w", err)
	}
	merged, err := live.Merge(wanted)
	if err != nil {
		return nil, fmt.Errorf("failed to merge patch: %w", err)
	}
	out, ok := merged.AsValue().Unstructured().(map[string]any)
	if !ok {
		return nil, fmt.Errorf("failed to convert typed object to object: it is no map")
	}
	return out, nil
}

// atomics returns the paths of lists, maps and structures that can only be set as a whole: setting some of their
// fields would drop the others, which nobody means.
func atomics(path fieldpath.Path, s *schema.Schema, t schema.TypeRef, v value.Value) (out []string) {
	atom, ok := s.Resolve(t)
	if !ok {
		return nil
	}
	if v.IsMap() && atom.Map != nil {
		if atom.Map.ElementRelationship == schema.Atomic {
			out = append(out, path.String())
		}
		v.AsMap().Iterate(func(name string, field value.Value) bool {
			if f, ok := atom.Map.FindField(name); ok {
				out = append(out, atomics(append(path, fieldpath.PathElement{FieldName: &name}), s, f.Type, field)...)
			}
			return true
		})
	}
	if v.IsList() && atom.List != nil {
		if atom.List.ElementRelationship == schema.Atomic {
			out = append(out, path.String())
		}
		list := v.AsList()
		for i := range list.Length() {
			out = append(out, atomics(append(path, fieldpath.PathElement{Index: &i}), s, atom.List.ElementType, list.At(i))...)
		}
	}
	return out
}
