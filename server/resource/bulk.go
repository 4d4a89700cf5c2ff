package resource

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// maxObjects is the most objects that a body may hold, of any size: lists of "{}" take three bytes each to send and a
// kilobyte each to keep, and what merges and compares them takes the square of their number. A definition with the
// largest schemas has a third of it.
const maxObjects = 50_000

func tooManyObjects() error {
	return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("the body holds more than %d objects", maxObjects))
}

// maxMembers is the most members that all of a body's objects may have together, for the same reason.
const maxMembers = 100_000

// checkBulk refuses JSON with too many objects, or members, in it.
func checkBulk(data []byte) error {
	// Nearly always the body is too short to hold so many, or has not so many braces and colons even if those in texts count.
	if len(data) < 2*maxObjects || bytes.Count(data, []byte{'{'}) <= maxObjects && bytes.Count(data, []byte{':'}) <= maxMembers {
		return nil
	}
	objects, members, text := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			text = !text
		case text && c == '\\':
			i++
		case c == '{' && !text:
			objects++
		case c == ':' && !text:
			members++
		}
	}
	switch {
	case objects > maxObjects:
		return tooManyObjects()
	case members > maxMembers:
		return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("the objects of the body have more than %d members", maxMembers))
	}
	return nil
}

// maxManagers is how many entries metadata.managedFields may have. The server itself keeps far fewer; it compares each with
// all others.
const maxManagers = 1000

func checkManagers(res *kinds.Resource, obj kinds.Object) error {
	if n := len(obj.GetManagedFields()); n > maxManagers {
		return invalid(res, obj.GetName(), field.ErrorList{field.TooMany(metadata.Child("managedFields"), n, maxManagers)})
	}
	return nil
}

// checkBulkMessage refuses a protobuf message of obj's type with too many messages in it.
func checkBulkMessage(message []byte, obj any) error {
	if len(message) < 2*maxObjects {
		return nil
	}
	c := messageCounter{left: maxObjects, fields: map[reflect.Type]map[uint64]reflect.Type{}}
	c.count(message, reflect.TypeOf(obj).Elem())
	if c.left < 0 {
		return tooManyObjects()
	}
	return nil
}

// messageCounter counts messages in a message, by the Go type that says which fields are some. What does not parse it
// leaves to the decoder.
type messageCounter struct {
	left   int
	fields map[reflect.Type]map[uint64]reflect.Type // the message types, by number
}

func (c *messageCounter) count(data []byte, t reflect.Type) {
	fields := c.of(t)
	for len(data) > 0 && c.left >= 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 {
			return
		}
		data = data[n:]
		switch key & 7 {
		case 0:
			if _, n = binary.Uvarint(data); n <= 0 {
				return
			}
		case 1:
			n = 8
		case 5:
			n = 4
		case 2:
			size, m := binary.Uvarint(data)
			if m <= 0 || size > uint64(len(data)-m) {
				return
			}
			if of, ok := fields[key>>3]; ok {
				c.left--
				c.count(data[m:m+int(size)], of)
			}
			n = m + int(size)
		default:
			return
		}
		if n > len(data) {
			return
		}
		data = data[n:]
	}
}

// of returns the types of the fields of t that are messages. An entry of a map is one, of which field 2 is the value.
func (c *messageCounter) of(t reflect.Type) map[uint64]reflect.Type {
	if t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
		return nil
	}
	if known, ok := c.fields[t]; ok {
		return known
	}
	out := map[uint64]reflect.Type{}
	c.fields[t] = out
	if t.Kind() == reflect.Map {
		if t.Elem().Kind() == reflect.Struct {
			out[2] = t.Elem()
		}
		return out
	}
	for i := range t.NumField() {
		parts := strings.Split(t.Field(i).Tag.Get("protobuf"), ",")
		if len(parts) < 2 || parts[0] != "bytes" {
			continue
		}
		number, err := strconv.ParseUint(parts[1], 10, 32)
		if err != nil {
			continue
		}
		of := t.Field(i).Type
		for of.Kind() == reflect.Slice || of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() == reflect.Struct || of.Kind() == reflect.Map {
			out[number] = of
		}
	}
	return out
}
