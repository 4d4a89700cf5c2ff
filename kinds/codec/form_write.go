package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"reflect"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A place is where a field's value stands in a message.
type place struct {
	first int32 // where the first begins: at its key
	count int32
}

// write appends the fields of a message as the members of a JSON object whose brace is open. version goes
// into metadata.resourceVersion, where the message is metadata or has some.
func (m *shape) write(out, body []byte, version string) ([]byte, error) {
	var all [maxFields]place
	places := all[:len(m.fields)]
	for pos := 0; pos < len(body); {
		key, n := binary.Uvarint(body[pos:])
		if n <= 0 {
			return out, errTruncated
		}
		end, err := skipValue(body, pos+n, key)
		if err != nil {
			return out, err
		}
		number := key >> 3
		if number >= uint64(len(m.numbers)) || m.numbers[number] == 0 {
			return out, errBeyond // of a newer release
		}
		p := &places[m.numbers[number]-1]
		if p.count == 0 {
			p.first = int32(pos)
		}
		p.count++
		pos = end
	}
	var err error
	for i := range m.fields {
		if m.fields[i].optional && places[i].count == 0 {
			continue
		}
		if out, err = m.fields[i].write(out, body, places[i], version); err != nil {
			return out, err
		}
	}
	return out, nil
}

// separate puts a comma before all but the first member of an object.
func separate(out []byte) []byte {
	if out[len(out)-1] != '{' {
		return append(out, ',')
	}
	return out
}

func (f *field) write(out, body []byte, p place, version string) ([]byte, error) {
	start := len(out)
	switch {
	case f.version && version != "":
		out = append(separate(out), f.key...)
		return append(append(append(out, '"'), version...), '"'), nil
	case f.list, f.dic:
		return f.writeSeveral(out, body, p)
	case p.count > 1:
		return out, errBeyond
	case p.count == 0 && f.pointer:
		return append(append(separate(out), f.key...), "null"...), nil
	}
	var v value
	if p.count == 1 {
		var err error
		if v, _, err = valueAt(body, int(p.first)); err != nil {
			return out, err
		}
	}
	if f.inline {
		return f.what.msg.write(out, v.bytes, "")
	}
	if !f.pointer && (f.omitEmpty && f.what.empty(v) || f.omitZero && f.what.kind == timeElement && len(v.bytes) == 0) {
		return out, nil
	}
	if f.what.typ != metaType {
		version = ""
	}
	out = append(separate(out), f.key...)
	before := len(out)
	out, err := f.what.write(out, v, version)
	if err == nil && f.omitZero && !f.pointer && f.what.kind == shapeElement && string(out[before:]) == "{}" {
		return out[:start], nil
	}
	return out, err
}

// writeSeveral writes a list or a map.
func (f *field) writeSeveral(out, body []byte, p place) (_ []byte, err error) {
	if p.count == 0 {
		return append(append(separate(out), f.key...), "null"...), nil
	}
	out = append(separate(out), f.key...)
	open, end := byte('['), byte(']')
	if f.dic {
		open, end = '{', '}'
	}
	out = append(out, open)
	var last []byte
	for pos, left := int(p.first), p.count; left > 0; {
		v, next, err := valueAt(body, pos)
		if err != nil {
			return out, err
		}
		pos = next
		if v.number != f.number {
			continue
		}
		if left < p.count {
			out = append(out, ',')
		}
		if f.dic {
			key, item, err := entry(v.bytes)
			if err != nil {
				return out, err
			}
			if left < p.count && bytes.Compare(last, key) >= 0 {
				return out, errBeyond // JSON sorts
			}
			last = key
			out, v = append(appendText(out, key), ':'), item
		}
		if out, err = f.what.write(out, v, ""); err != nil {
			return out, err
		}
		left--
	}
	return append(out, end), nil
}

// A value is one of a protobuf message.
type value struct {
	number int
	wire   uint64 // of what is no bytes
	bytes  []byte
}

// valueAt reads the value whose key is at pos, and where the next begins.
func valueAt(body []byte, pos int) (v value, next int, err error) {
	key, n := binary.Uvarint(body[pos:])
	if n <= 0 {
		return v, 0, errTruncated
	}
	pos += n
	if next, err = skipValue(body, pos, key); err != nil {
		return v, 0, err
	}
	v.number = int(key >> 3)
	switch key & 7 {
	case 0:
		v.wire, _ = binary.Uvarint(body[pos:])
	case 2:
		_, n := binary.Uvarint(body[pos:])
		v.bytes = body[pos+n : next]
	default:
		return v, 0, errBeyond
	}
	return v, next, nil
}

// entry reads an entry of a map.
func entry(body []byte) (key []byte, item value, err error) {
	for pos := 0; pos < len(body); {
		v, next, err := valueAt(body, pos)
		if err != nil {
			return nil, item, err
		}
		switch v.number {
		case 1:
			key = v.bytes
		case 2:
			item = v
		}
		pos = next
	}
	return key, item, nil
}

// empty reports whether encoding/json takes the value for empty.
func (e *element) empty(v value) bool {
	switch e.kind {
	case stringElement, bytesElement:
		return len(v.bytes) == 0
	case boolElement, intElement:
		return v.wire == 0
	case marshalElement:
		return e.typ.Kind() == reflect.Slice && len(v.bytes) == 0
	}
	return false
}

func (e *element) write(out []byte, v value, version string) ([]byte, error) {
	switch e.kind {
	case stringElement:
		return appendText(out, v.bytes), nil
	case boolElement:
		return strconv.AppendBool(out, v.wire != 0), nil
	case intElement:
		return strconv.AppendInt(out, int64(v.wire), 10), nil
	case bytesElement:
		if len(v.bytes) == 0 {
			return out, errBeyond // nil or empty
		}
		out = base64.StdEncoding.AppendEncode(append(out, '"'), v.bytes)
		return append(out, '"'), nil
	case shapeElement:
		out, err := e.msg.write(append(out, '{'), v.bytes, version)
		return append(out, '}'), err
	case timeElement:
		var t metav1.Time
		if err := t.Unmarshal(v.bytes); err != nil {
			return out, err
		}
		if t.IsZero() {
			return append(out, "null"...), nil
		}
		out = t.UTC().AppendFormat(append(out, '"'), time.RFC3339)
		return append(out, '"'), nil
	case quantityElement:
		var q resource.Quantity
		if err := q.Unmarshal(v.bytes); err != nil {
			return out, err
		}
		js, err := q.MarshalJSON()
		return append(out, js...), err
	case rawElement:
		raw, _, err := leadingField(v.bytes, 1)
		if err != nil || !compact(raw) {
			return out, errBeyond
		}
		return append(out, raw...), nil
	}
	obj := reflect.New(e.typ).Interface()
	if err := obj.(readable).Unmarshal(v.bytes); err != nil {
		return out, err
	}
	js, err := json.Marshal(obj)
	return append(out, js...), err
}
