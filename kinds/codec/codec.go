// Package codec turns objects into bytes and back: the form in which etcd keeps them, JSON and protobuf
// as clients get them. It works on a kinds.Resource and knows no kind by name. Callers: server/resource,
// server/respond and the watch cache's index functions.
package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	kjson "sigs.k8s.io/json"

	"github.com/nave-k8s/nave/kinds"
)

// protobufMagic begins every protobuf body and stored value: "k8s" and the encoding style 0.
var protobufMagic = []byte{'k', '8', 's', 0}

// message is what generated protobuf types have.
type message interface {
	Size() int
	MarshalToSizedBuffer([]byte) (int, error)
	Unmarshal([]byte) error
}

// Encode returns the bytes that are stored for an object of the resource, which must be a root. The
// object's resourceVersion is not stored; its TypeMeta is not looked at.
func Encode(r *kinds.Resource, obj kinds.Object) ([]byte, error) {
	version := obj.GetResourceVersion()
	obj.SetResourceVersion("")
	defer obj.SetResourceVersion(version)
	switch {
	case r.Storage.Encode != nil:
		return r.Storage.Encode(obj)
	case r.Storage.JSON:
		return encodeJSON(obj, schema.FromAPIVersionAndKind(r.Storage.APIVersion, r.Kind))
	}
	return Protobuf(obj, r.Storage.APIVersion, r.Kind)
}

// Decode returns a new object from stored bytes, with its resourceVersion and TypeMeta of the served
// version. r must be a root.
func Decode(r *kinds.Resource, value []byte, revision int64) (kinds.Object, error) {
	obj, err := decode(r, value)
	if err != nil {
		return nil, err
	}
	obj.SetResourceVersion(strconv.FormatInt(revision, 10))
	if r.Storage.Restore != nil {
		r.Storage.Restore(obj)
	}
	return obj, nil
}

func decode(r *kinds.Resource, value []byte) (kinds.Object, error) {
	if r.Storage.Decode != nil {
		return r.Storage.Decode(value)
	}
	obj := r.New().(kinds.Object)
	if raw, ok := bytes.CutPrefix(value, protobufMagic); ok {
		_, _, body, err := splitUnknown(raw)
		if err != nil {
			return nil, err
		}
		m, ok := obj.(message)
		if !ok {
			return nil, fmt.Errorf("%T has no protobuf form", obj)
		}
		if err := m.Unmarshal(body); err != nil {
			return nil, err
		}
		return obj, nil
	}
	// JSON, whatever the resource asks for: what another server wrote as JSON can be read.
	if u, ok := obj.(runtime.Unstructured); ok {
		var m map[string]any
		if err := utiljson.Unmarshal(value, &m); err != nil {
			return nil, err
		}
		u.SetUnstructuredContent(m)
	} else if err := kjson.UnmarshalCaseSensitivePreserveInts(value, obj); err != nil {
		return nil, err
	}
	obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	return obj, nil
}

// Served returns a stored entry as the resource serves it, converted where r is not the root.
func Served(r *kinds.Resource, value []byte, revision int64) (kinds.Object, error) {
	obj, err := Decode(r.Root(), value, revision)
	if err != nil {
		return nil, err
	}
	if r.Hub != nil {
		obj = r.FromHub(obj)
	}
	return obj, nil
}

// JSON returns a stored entry as JSON of the served version, without apiVersion and kind for a built-in
// kind: as the items of a list have it. Head puts them in.
func JSON(r *kinds.Resource, value []byte, revision int64) ([]byte, error) {
	obj, err := Served(r, value, revision)
	if err != nil {
		return nil, err
	}
	return ItemJSON(obj)
}

// ItemJSON is an object at hand as the item of a list.
func ItemJSON(obj kinds.Object) ([]byte, error) {
	if _, ok := obj.(runtime.Unstructured); !ok {
		obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	}
	return json.Marshal(obj)
}

// Head is what begins the JSON of an object of a built-in kind that stands alone; the rest is its JSON
// as an item without the opening brace.
func Head(r *kinds.Resource) []byte {
	return fmt.Appendf(nil, `{"kind":%q,"apiVersion":%q,`, r.Kind, r.GroupVersion().String())
}

// encodeJSON is json.Marshal with TypeMeta set.
func encodeJSON(obj runtime.Object, gvk schema.GroupVersionKind) ([]byte, error) {
	kind := obj.GetObjectKind()
	before := kind.GroupVersionKind()
	kind.SetGroupVersionKind(gvk)
	defer kind.SetGroupVersionKind(before)
	return json.Marshal(obj)
}

// Metadata decodes only the metadata of a stored value.
func Metadata(value []byte) (metav1.ObjectMeta, error) {
	var meta metav1.ObjectMeta
	if raw, ok := bytes.CutPrefix(value, protobufMagic); ok {
		_, _, body, err := splitUnknown(raw)
		if err != nil {
			return meta, err
		}
		field, _, err := leadingField(body, 1)
		if err != nil {
			return meta, err
		}
		return meta, meta.Unmarshal(field)
	}
	var partial metav1.PartialObjectMetadata
	err := kjson.UnmarshalCaseSensitivePreserveInts(value, &partial)
	return partial.ObjectMeta, err
}
