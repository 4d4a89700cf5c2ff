package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

var errTruncated = errors.New("protobuf: message is cut short")

// Protobuf returns the object as kube-apiserver sends and stores protobuf: the magic bytes and a
// runtime.Unknown that names the type and holds the message.
func Protobuf(obj runtime.Object, apiVersion, kind string) ([]byte, error) {
	m, ok := obj.(message)
	if !ok {
		return nil, NotProtobufError{Type: fmt.Sprintf("%T", obj)}
	}
	return ProtobufMessage(m, apiVersion, kind)
}

// ProtobufMessage is Protobuf for what is known to have a protobuf form.
func ProtobufMessage(m interface {
	Size() int
	MarshalToSizedBuffer([]byte) (int, error)
}, apiVersion, kind string) ([]byte, error) {
	size := m.Size()
	out := AppendEnvelope(make([]byte, 0, size+len(apiVersion)+len(kind)+32), apiVersion, kind, size)
	start := len(out)
	out = out[:start+size]
	if _, err := m.MarshalToSizedBuffer(out[start:]); err != nil {
		return nil, err
	}
	return append(out, EnvelopeEnd...), nil
}

// NotProtobufError: the object has no protobuf form.
type NotProtobufError struct{ Type string }

func (e NotProtobufError) Error() string {
	return "object " + e.Type + " does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message"
}

// EnvelopeEnd is what follows the message: the empty contentEncoding and contentType of runtime.Unknown, which are always written.
var EnvelopeEnd = []byte{3<<3 | 2, 0, 4<<3 | 2, 0}

// AppendEnvelope appends the magic bytes and what stands before a message of the given size.
func AppendEnvelope(out []byte, apiVersion, kind string, size int) []byte {
	out = append(out, protobufMagic...)
	typeMeta := 2 + UvarintLen(len(apiVersion)) - 1 + len(apiVersion) + 2 + UvarintLen(len(kind)) - 1 + len(kind)
	out = append(out, 1<<3|2)
	out = binary.AppendUvarint(out, uint64(typeMeta))
	out = appendString(out, 1, apiVersion)
	out = appendString(out, 2, kind)
	out = append(out, 2<<3|2)
	return binary.AppendUvarint(out, uint64(size))
}

func appendString(out []byte, field int, s string) []byte {
	out = append(out, byte(field<<3|2))
	out = binary.AppendUvarint(out, uint64(len(s)))
	return append(out, s...)
}

// UvarintLen is the size in bytes of a length as protobuf writes it.
func UvarintLen(n int) int {
	l := 1
	for n >= 0x80 {
		n >>= 7
		l++
	}
	return l
}

// splitUnknown takes a runtime.Unknown (without the magic bytes) apart.
func splitUnknown(raw []byte) (apiVersion, kind string, body []byte, err error) {
	err = eachField(raw, func(num int, value []byte) error {
		switch num {
		case 1:
			return eachField(value, func(num int, value []byte) error {
				switch num {
				case 1:
					apiVersion = string(value)
				case 2:
					kind = string(value)
				}
				return nil
			})
		case 2:
			body = value
		}
		return nil
	})
	return apiVersion, kind, body, err
}

// SplitBody takes a request's protobuf body apart.
func SplitBody(data []byte) (gvk schema.GroupVersionKind, message []byte, err error) {
	raw, ok := bytes.CutPrefix(data, protobufMagic)
	if !ok {
		return gvk, nil, fmt.Errorf("provided data does not appear to be a protobuf message, expected prefix %v", protobufMagic)
	}
	var unknown runtime.Unknown
	if err := unknown.Unmarshal(raw); err != nil {
		return gvk, nil, err
	}
	gv, err := schema.ParseGroupVersion(unknown.APIVersion)
	return gv.WithKind(unknown.Kind), unknown.Raw, err
}

// A Cut is a protobuf message taken apart where its resource version goes. Stored objects have an empty
// one; a Cut puts the right one in without a copy of the rest.
type Cut struct {
	before, after []byte // of the ObjectMeta, around field 6
	rest          []byte // the message after the ObjectMeta
	version       string
}

// Message cuts a stored value. ok is false where the value is not protobuf.
func Message(value []byte, revision int64) (cut Cut, ok bool, err error) {
	if len(value) < 4 || string(value[:4]) != string(protobufMagic) {
		return cut, false, nil
	}
	_, _, body, err := splitUnknown(value[4:])
	if err != nil {
		return cut, true, err
	}
	meta, rest, err := leadingField(body, 1)
	if err != nil {
		return cut, true, err
	}
	cut.rest, cut.version = rest, strconv.FormatInt(revision, 10)
	cut.before, cut.after, err = cutField(meta, 6)
	return cut, true, err
}

// CutObject is the Cut of an object at hand.
func CutObject(obj kinds.Object) (Cut, error) {
	m, ok := obj.(message)
	if !ok {
		return Cut{}, NotProtobufError{Type: fmt.Sprintf("%T", obj)}
	}
	body := make([]byte, m.Size())
	if _, err := m.MarshalToSizedBuffer(body); err != nil {
		return Cut{}, err
	}
	meta, rest, err := leadingField(body, 1)
	if err != nil {
		return Cut{}, err
	}
	cut := Cut{rest: rest, version: obj.GetResourceVersion()}
	cut.before, cut.after, err = cutField(meta, 6)
	return cut, err
}

// Metadata is the message without what follows the metadata: a PartialObjectMetadata.
func (c Cut) Metadata() Cut {
	c.rest = nil
	return c
}

func (c Cut) metaSize() int {
	return len(c.before) + 1 + UvarintLen(len(c.version)) + len(c.version) + len(c.after)
}

// Size is the size of the message.
func (c Cut) Size() int {
	n := c.metaSize()
	return 1 + UvarintLen(n) + n + len(c.rest)
}

// Append appends the message.
func (c Cut) Append(out []byte) []byte {
	out = append(out, 1<<3|2)
	out = binary.AppendUvarint(out, uint64(c.metaSize()))
	out = append(out, c.before...)
	out = appendString(out, 6, c.version)
	out = append(out, c.after...)
	return append(out, c.rest...)
}

// Envelope is the message as an answer of its own.
func (c Cut) Envelope(apiVersion, kind string) []byte {
	size := c.Size()
	out := AppendEnvelope(make([]byte, 0, size+len(apiVersion)+len(kind)+32), apiVersion, kind, size)
	return append(c.Append(out), EnvelopeEnd...)
}

// leadingField returns the first field, which must be num and a byte field, and what follows.
func leadingField(b []byte, num int) (value, rest []byte, err error) {
	if len(b) == 0 || b[0] != byte(num<<3|2) {
		return nil, nil, fmt.Errorf("protobuf: field %d does not come first", num)
	}
	size, n := binary.Uvarint(b[1:])
	if n <= 0 || uint64(len(b)-1-n) < size {
		return nil, nil, errTruncated
	}
	return b[1+n : 1+n+int(size)], b[1+n+int(size):], nil
}

// cutField splits a message around the byte field num (or around where it would stand in order).
func cutField(b []byte, num int) (before, after []byte, err error) {
	for pos := 0; pos < len(b); {
		key, n := binary.Uvarint(b[pos:])
		if n <= 0 {
			return nil, nil, errTruncated
		}
		end, err := skipValue(b, pos+n, key)
		if err != nil {
			return nil, nil, err
		}
		switch got := int(key >> 3); {
		case got == num:
			return b[:pos], b[end:], nil
		case got > num:
			return b[:pos], b[pos:], nil
		}
		pos = end
	}
	return b, nil, nil
}

// eachField calls f for every byte field of a message.
func eachField(b []byte, f func(num int, value []byte) error) error {
	for pos := 0; pos < len(b); {
		key, n := binary.Uvarint(b[pos:])
		if n <= 0 {
			return errTruncated
		}
		end, err := skipValue(b, pos+n, key)
		if err != nil {
			return err
		}
		if key&7 == 2 {
			_, m := binary.Uvarint(b[pos+n:])
			if err := f(int(key>>3), b[pos+n+m:end]); err != nil {
				return err
			}
		}
		pos = end
	}
	return nil
}

// skipValue returns where the value ends that begins at pos under the given key.
func skipValue(b []byte, pos int, key uint64) (int, error) {
	switch key & 7 {
	case 0:
		_, n := binary.Uvarint(b[pos:])
		if n <= 0 {
			return 0, errTruncated
		}
		return pos + n, nil
	case 1:
		pos += 8
	case 2:
		size, n := binary.Uvarint(b[pos:])
		if n <= 0 || size > uint64(len(b)) {
			return 0, errTruncated
		}
		pos += n + int(size)
	case 5:
		pos += 4
	default:
		return 0, fmt.Errorf("protobuf: wire type %d", key&7)
	}
	if pos > len(b) {
		return 0, errTruncated
	}
	return pos, nil
}
