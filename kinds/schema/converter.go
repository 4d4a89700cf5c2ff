package schema

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
	"sigs.k8s.io/structured-merge-diff/v6/value"
)

// typeConverter converts objects of built-in kinds.
type typeConverter struct{ *structure }

// NewTypeConverter returns the converter that managed fields of built-in kinds are computed with, for
// every published version of every kind. One is enough for a server: values from two cannot be compared.
// A kind costs its parsing (well under a millisecond) when its first object comes. The objects given to
// ObjectToTyped must have apiVersion and kind set; typed objects are read by reflection, not copied, so
// they must not change while the typed value is in use.
func NewTypeConverter() (managedfields.TypeConverter, error) {
	s, err := newStructure(structureText)
	if err != nil {
		return nil, err
	}
	return typeConverter{s}, nil
}

// ObjectToTyped returns the object as a value that structured-merge-diff can compare and merge. A kind
// that is not built in gets an error for which runtime.IsNotRegisteredError holds: the field manager then
// drops what the version owned, as it should.
func (c typeConverter) ObjectToTyped(obj runtime.Object, opts ...typed.ValidationOptions) (*typed.TypedValue, error) {
	gvk := obj.GetObjectKind().GroupVersionKind()
	t, err := c.kind(gvk)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, runtime.NewNotRegisteredErrForKind("kinds/schema", gvk)
	}
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return t.FromUnstructured(u.Object, opts...)
	}
	if !slices.Contains(opts, typed.AllowDuplicates) {
		return t.FromStructured(obj, opts...)
	}
	// A Go object that may have duplicates cannot but fit its own schema, and checking it would be a third
	// of what managed fields cost.
	v, err := value.NewValueReflect(obj)
	if err != nil {
		return nil, err
	}
	return typed.AsTypedUnvalidated(v, t.Schema, t.TypeRef), nil
}

// TypedToObject returns the value as *unstructured.Unstructured.
func (c typeConverter) TypedToObject(v *typed.TypedValue) (runtime.Object, error) {
	content := v.AsValue().Unstructured()
	object, ok := content.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("an object is a map, not %T", content)
	}
	return &unstructured.Unstructured{Object: object}, nil
}
