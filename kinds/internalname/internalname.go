// Package internalname prints API values the way kube-apiserver's validation errors show them: as JSON with
// the names of the Go fields ({"Type":"Sideways","RollingUpdate":null}), nothing left out, because there
// the checked types have no JSON names. Types of apimachinery (selectors, quantities, times, metadata)
// keep their JSON. Callers: validation of every kind, for the value of field.Invalid and its like.
package internalname

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Value returns what to hand to field.Invalid in place of v: v itself where its JSON is already right,
// else its text as a json.RawMessage.
func Value(v any) any {
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || plain(rv.Type()) {
		return v
	}
	return json.RawMessage(appendValue(nil, rv))
}

// plain reports types whose JSON does not change: numbers, texts, and what apimachinery defines.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return plain(t.Elem())
	case reflect.Map:
		return plain(t.Elem())
	case reflect.Struct:
		return strings.HasPrefix(t.PkgPath(), "k8s.io/apimachinery/") || !strings.HasPrefix(t.PkgPath(), "k8s.io/")
	case reflect.Interface:
		return false
	}
	return true
}

func appendValue(b []byte, v reflect.Value) []byte {
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			return append(b, "null"...)
		}
		v = v.Elem()
	}
	if plain(v.Type()) {
		return appendJSON(b, v)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "null"...)
		}
		return appendValue(b, v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			return append(b, "null"...)
		}
		return appendList(b, v)
	case reflect.Array:
		return appendList(b, v)
	case reflect.Map:
		return appendMap(b, v)
	case reflect.Struct:
		b = append(b, '{')
		first := true
		b = appendFields(b, v, &first)
		return append(b, '}')
	}
	return appendJSON(b, v)
}

func appendList(b []byte, v reflect.Value) []byte {
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v.Index(i))
	}
	return append(b, ']')
}

// appendMap writes a map whose values need their Go names; encoding/json sorts the keys.
func appendMap(b []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(b, "null"...)
	}
	texts := make(map[string]json.RawMessage, v.Len())
	for it := v.MapRange(); it.Next(); {
		texts[it.Key().String()] = appendValue(nil, it.Value())
	}
	return appendJSON(b, reflect.ValueOf(texts))
}

// appendFields writes the fields of a struct; those of an embedded struct stand among them.
func appendFields(b []byte, v reflect.Value, first *bool) []byte {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			b = appendEmbedded(b, v.Field(i), first)
			continue
		}
		b = appendName(b, f.Name, first)
		b = appendValue(b, v.Field(i))
	}
	return b
}

// appendEmbedded writes the fields of an embedded struct. That of ObjectMeta and TypeMeta have JSON names
// and are left out when empty.
func appendEmbedded(b []byte, v reflect.Value, first *bool) []byte {
	if !plain(v.Type()) {
		return appendFields(b, v, first)
	}
	text := appendJSON(nil, v)
	if len(text) <= 2 {
		return b
	}
	if !*first {
		b = append(b, ',')
	}
	*first = false
	return append(b, text[1:len(text)-1]...)
}

func appendName(b []byte, name string, first *bool) []byte {
	if !*first {
		b = append(b, ',')
	}
	*first = false
	b = append(b, '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendJSON(b []byte, v reflect.Value) []byte {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return append(b, "null"...) // no API type fails; a hole is better than a lost error
	}
	return append(b, text...)
}
