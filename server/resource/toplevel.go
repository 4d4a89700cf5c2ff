package resource

import (
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"github.com/nave-k8s/nave/kinds"
)

// Most updates change one of an object's top-level fields: its metadata, spec or status. The functions of
// this file let the expensive work (comparing field by field, patching text) see only those.

// structOf is the struct that an object points to; false for an object that is a map.
func structOf(obj kinds.Object) (reflect.Value, bool) {
	if _, ok := obj.(runtime.Unstructured); ok {
		return reflect.Value{}, false
	}
	v := reflect.ValueOf(obj)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return v, false
	}
	return v.Elem(), true
}

// jsonName is the name of a struct's field in JSON; "" for one that is embedded.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// track returns obj with the managedFields of a manager who made it of live.
func track(fields *managedfields.FieldManager, live, obj kinds.Object, manager string) kinds.Object {
	before, after, ok := differing(live, obj)
	if !ok {
		return fields.UpdateNoErrors(live, obj, manager).(kinds.Object)
	}
	tracked := fields.UpdateNoErrors(before, after, manager).(kinds.Object)
	obj.SetManagedFields(tracked.GetManagedFields())
	return obj
}

// differing returns copies of two objects of one type without the top-level fields in which they are equal.
// Of equal fields nobody's ownership changes. They share memory with the objects; metadata is always there.
func differing(a, b kinds.Object) (kinds.Object, kinds.Object, bool) {
	x, ok := structOf(a)
	y, same := structOf(b)
	if !ok || !same || x.Type() != y.Type() {
		return nil, nil, false
	}
	xs, ys := reflect.New(x.Type()), reflect.New(x.Type())
	xs.Elem().Set(x)
	ys.Elem().Set(y)
	for i := range x.NumField() {
		if name := jsonName(x.Type().Field(i)); name == "" || name == "metadata" {
			continue
		}
		if reflect.DeepEqual(x.Field(i).Addr().Interface(), y.Field(i).Addr().Interface()) {
			xs.Elem().Field(i).SetZero()
			ys.Elem().Field(i).SetZero()
		}
	}
	return xs.Interface().(kinds.Object), ys.Interface().(kinds.Object), true
}

// take sets the top-level fields of to that are among names, or that are not, to those of from, with which
// they share memory from then on. It reports false, having done nothing, if a name is none of a field's.
func take(to, from kinds.Object, names map[string]any, among bool) bool {
	dst, ok := structOf(to)
	src, same := structOf(from)
	if !ok || !same || src.Type() != dst.Type() {
		return false
	}
	var chosen []int
	known := 0
	for i := range src.NumField() {
		name := jsonName(src.Type().Field(i))
		if name == "" {
			continue
		}
		_, named := names[name]
		if named {
			known++
		}
		if named == among {
			chosen = append(chosen, i)
		}
	}
	if known != len(names) {
		return false
	}
	for _, i := range chosen {
		dst.Field(i).Set(src.Field(i))
	}
	return true
}
