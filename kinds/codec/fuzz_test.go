package codec

import (
	"bytes"
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

var configMaps = &kinds.Resource{
	Version: "v1", Kind: "ConfigMap", Plural: "configmaps", Namespaced: true,
	New:     func() runtime.Object { return &corev1.ConfigMap{} },
	Storage: kinds.Storage{Key: "configmaps", APIVersion: "v1"},
}

func stored(tb testing.TB) []byte {
	value, err := Encode(configMaps, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "b", UID: "u", Labels: map[string]string{"x": "y"},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "m", FieldsV1: &metav1.FieldsV1{Raw: []byte(`{"f:data":{}}`)}}}},
		Data: map[string]string{"k": "v"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return value
}

// FuzzStored reads stored values. What can be read as an object can be read in part, and what is cut and put
// together again is the same object in the given revision.
func FuzzStored(f *testing.F) {
	f.Add(stored(f))
	f.Add(stored(f)[:40])
	f.Add([]byte(`{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"k":"v"}}`))
	f.Add([]byte("k8s\x00\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Add([]byte("k8s\x00\x0a\x00\x12\x02\x0a\x00"))
	f.Fuzz(func(t *testing.T, value []byte) {
		obj, err := Decode(configMaps, value, 42)
		cut, isProtobuf, cutErr := Message(value, 42)
		Metadata(value)             //nolint:errcheck // it must not panic
		JSON(configMaps, value, 42) //nolint:errcheck
		if !isProtobuf || cutErr != nil {
			return
		}
		message := cut.Append(nil)
		if len(message) != cut.Size() {
			t.Fatalf("%d bytes, not %d", len(message), cut.Size())
		}
		if err != nil {
			return
		}
		var whole corev1.ConfigMap
		if err := whole.Unmarshal(message); err != nil {
			t.Fatalf("what was put together cannot be read: %v", err)
		}
		before, _ := obj.(*corev1.ConfigMap).Marshal()
		after, _ := whole.Marshal()
		if !ordinary(value) {
			return
		}
		if !bytes.Equal(before, after) {
			t.Fatalf("read\n%v, put together\n%v", obj, &whole)
		}
	})
}

// ordinary reports whether a value is as a writer of protobuf writes it: fields once, and in order. Others
// are read in the one place as the last field has it and in the other as the first.
func ordinary(value []byte) bool {
	obj, err := Decode(configMaps, value, 0)
	if err != nil {
		return false
	}
	again, err := Encode(configMaps, obj)
	return err == nil && bytes.Equal(again, value)
}

// FuzzEnvelope takes request bodies in protobuf apart.
func FuzzEnvelope(f *testing.F) {
	f.Add(stored(f))
	f.Add([]byte("k8s\x00"))
	f.Add([]byte("k8s\x00\x0a\x04\x0a\x02v1\x12\x00\x1a\x00\x22\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		gvk, message, err := SplitBody(data)
		if err != nil {
			return
		}
		out := AppendEnvelope(nil, gvk.GroupVersion().String(), gvk.Kind, len(message))
		out = append(append(out, message...), EnvelopeEnd...)
		again, body, err := SplitBody(out)
		if err != nil || again != gvk || !bytes.Equal(body, message) {
			t.Fatalf("%v comes back as %v, %v", gvk, again, err)
		}
		var cm corev1.ConfigMap
		if cm.Unmarshal(message) == nil {
			json.Marshal(&cm) //nolint:errcheck // it must not panic
			CutObject(&cm)    //nolint:errcheck
		}
	})
}
