package view

import (
	"fmt"
	"reflect"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/json"

	"github.com/nave-k8s/nave/kinds"
)

// Replace puts what somebody made of the object, as JSON in the version of the target, in the place of the
// object, with defaults filled in. It reports whether that changes anything.
func (v *View) Replace(data []byte) (changed bool, err error) { return v.replace(data, false) }

// ReplaceStrictly is Replace, but fields that the kind does not have are an error.
func (v *View) ReplaceStrictly(data []byte) (changed bool, err error) { return v.replace(data, true) }

func (v *View) replace(data []byte, strict bool) (changed bool, err error) {
	obj := v.a.Object
	fresh := reflect.New(reflect.TypeOf(obj).Elem()).Interface().(runtime.Object)
	if v.converts() {
		fresh = v.Target.Resource.New()
	}
	if u, ok := fresh.(*unstructured.Unstructured); ok {
		err = u.UnmarshalJSON(data)
	} else if strict {
		var faults []error
		if faults, err = json.UnmarshalStrict(data, fresh); err == nil && len(faults) > 0 {
			err = runtime.NewStrictDecodingError(faults)
		}
	} else {
		err = json.UnmarshalCaseSensitivePreserveInts(data, fresh)
	}
	if err != nil {
		return false, err
	}
	if v.Target.Kind() == v.Target.Resource.GroupVersionKind() {
		if fresh, err = v.complete(fresh); err != nil {
			return false, err
		}
	}
	if reflect.TypeOf(fresh) != reflect.TypeOf(obj) {
		return false, fmt.Errorf("%T is not a %T", fresh, obj)
	}
	fresh.GetObjectKind().SetGroupVersionKind(obj.GetObjectKind().GroupVersionKind())
	if apiequality.Semantic.DeepEqual(fresh, obj) {
		return false, nil
	}
	reflect.ValueOf(obj).Elem().Set(reflect.ValueOf(fresh).Elem())
	v.Forget()
	return true, nil
}

// complete fills in defaults and returns the object in the version of the hub.
func (v *View) complete(obj runtime.Object) (runtime.Object, error) {
	resource := v.Target.Resource
	whole, ok := obj.(kinds.Object)
	if !ok {
		return nil, fmt.Errorf("%T is no object of %s", obj, resource.Plural)
	}
	if resource.Hub != nil && resource.Rules.Default != nil {
		resource.Rules.Default(whole)
	}
	if resource.ToHub != nil {
		whole = resource.ToHub(whole)
	}
	if root := resource.Root(); root.Rules.Default != nil {
		root.Rules.Default(whole)
	}
	return whole, nil
}
