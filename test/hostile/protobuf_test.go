package hostile

import (
	"encoding/binary"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// field appends a byte field.
func field(out []byte, num int, value []byte) []byte {
	out = binary.AppendUvarint(out, uint64(num)<<3|2)
	out = binary.AppendUvarint(out, uint64(len(value)))
	return append(out, value...)
}

// nested makes messages in messages, from the inside out: each wraps what there is in a field. The bytes are written from
// their end on, so that it takes no longer than they are.
func nested(size int, fields ...int) []byte {
	out := make([]byte, size+64)
	at := len(out)
	for i := 0; len(out)-at < size; i++ {
		var head []byte
		head = binary.AppendUvarint(head, uint64(fields[i%len(fields)])<<3|2)
		head = binary.AppendUvarint(head, uint64(len(out)-at))
		at -= len(head)
		copy(out[at:], head)
	}
	return out[at:]
}

func envelope(apiVersion, kind string, message []byte) string {
	var meta []byte
	meta = field(meta, 1, []byte(apiVersion))
	meta = field(meta, 2, []byte(kind))
	out := field([]byte("k8s\x00"), 1, meta)
	return string(field(out, 2, message))
}

func message(t *testing.T, obj interface{ Marshal() ([]byte, error) }) []byte {
	t.Helper()
	m, err := obj.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestProtobuf(t *testing.T) {
	s := newTarget(t)
	post := func(name, path, body string, codes ...int) attackRequest {
		return attackRequest{name: name, method: "POST", path: path, contentType: asProtobuf, body: body, codes: codes}
	}
	good := message(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string]string{"k": "v"}})
	lie := func(at int) string {
		m := append([]byte{}, good...)
		m = append(m[:at], append([]byte{0xff, 0xff, 0xff, 0xff, 0x7f}, m[at+1:]...)...)
		return envelope("v1", "ConfigMap", m)
	}
	managed := func(name, raw string) string {
		return envelope("v1", "ConfigMap", message(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, ManagedFields: []metav1.ManagedFieldsEntry{{
			Manager: "m", Operation: "Update", APIVersion: "v1", FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{Raw: []byte(raw)},
		}}}}))
	}
	// A definition whose schema is in a schema and so on: spec 2, versions 7, schema 4, openAPIV3Schema 1, not 24.
	schema := func(size int, fields ...int) string {
		m := field(nil, 1, nested(size, fields...))
		for _, num := range []int{4, 7, 2} {
			m = field(nil, num, m)
		}
		return envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", m)
	}
	run(t, s, []attackRequest{
		post("no envelope", configMaps, "hello", 400),
		post("nothing in it", configMaps, "k8s\x00", 422),
		post("the envelope's length lies", configMaps, "k8s\x00\x12\xff\xff\xff\xff\x7f", 400),
		post("the envelope's length overflows", configMaps, "k8s\x00\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 400),
		post("a length lies", configMaps, lie(1), 400),
		post("an inner length lies", configMaps, lie(3), 400),
		post("cut short", configMaps, envelope("v1", "ConfigMap", good[:len(good)-3]), 400),
		post("groups in groups", configMaps, envelope("v1", "ConfigMap", []byte(times(3*megabyte-100, "\x7b"))), 400),
		post("fields that nobody knows", configMaps, envelope("v1", "ConfigMap", append(good, []byte(times(megabyte, "\xf8\x07\x01"))[:2*megabyte]...)), 201, 400),
		post("very many empty entries", configMaps, envelope("v1", "ConfigMap", []byte(times(megabyte, "\x12\x00"))), 413),
		post("very many empty owners", configMaps, envelope("v1", "ConfigMap", field(nil, 1, []byte(times(megabyte, "\x6a\x00")))), 400, 413, 422),
		post("very many empty containers", pods, envelope("v1", "Pod", field(nil, 2, []byte(times(megabyte, "\x12\x00")))), 400, 413, 422, 403),
		post("an empty schema in a schema", definitions, schema(1, 28)+"", 422),
		post("schemas in schemas", definitions, schema(3*megabyte-200, 28), 413),
		post("as deep as are counted", definitions, schema(150_000, 28), 400),
		post("lists of schemas in schemas", definitions, schema(3*megabyte-200, 2, 24), 413, 422),
		post("lists of schemas, the other way round", definitions, schema(3*megabyte-200, 24, 2), 413, 422),
		post("managed fields that are no JSON", configMaps, managed("nojson", "{{{"), 400),
		post("deep managed fields", configMaps, managed("deepfields", times(200_000, `{"f:a":`)+"{}"+times(200_000, "}")), 400),
		post("a port that is neither number nor name", "/api/v1/namespaces/default/services", envelope("v1", "Service", message(t, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.IntOrString{Type: 7}}}},
		})), 400),
		post("a revision that is no JSON", "/apis/apps/v1/namespaces/default/controllerrevisions", envelope("apps/v1", "ControllerRevision",
			field(field(nil, 1, message(t, &metav1.ObjectMeta{Name: "a"})), 2, message(t, &runtime.RawExtension{Raw: []byte("{{")}))), 400),
		post("another kind", configMaps, envelope("v1", "Pod", good), 400),
		post("a kind of a megabyte", configMaps, envelope("v1", times(megabyte, "K"), good), 400),
		post("a name that is not UTF-8", configMaps, envelope("v1", "ConfigMap", message(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string]string{"\xff": "\xff\xfe"}})), 422, 400),
	})
	for _, path := range []string{configMaps, "/api/v1/services", "/apis/apps/v1/controllerrevisions", definitions} {
		if a := s.must(t, "GET", path, "", ""); a.code != 200 {
			t.Errorf("%s: %d", path, a.code)
		}
	}
}
