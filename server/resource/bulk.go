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

// maxElements is the most members of objects and elements of lists that a body may have together, and maxDepth how deep they
// may be in each other, for the same reason. A body that is deeper than the decoder goes is left to it: it has words
// for that.
const (
	maxElements  = 100_000
	maxDepth     = 1000
	decoderDepth = 10_000
)

// checkBulk refuses JSON with too many objects or elements in it, or too deep.
func checkBulk(data []byte) error {
	// Nearly always the body is too short for any of that, or has too few braces and commas even if those in texts count.
	if len(data) < 2*maxDepth {
		return nil
	}
	if objects := bytes.Count(data, []byte{'{'}); objects+bytes.Count(data, []byte{'['}) <= maxDepth && bytes.Count(data, []byte{','}) <= maxElements {
		return nil
	}
	objects, elements, depth, deepest, text := 0, 0, 0, 0, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		if c == '"' {
			text = !text
		}
		if text {
			if c == '\\' {
				i++
			}
			continue
		}
		switch c {
		case '{':
			objects++
			fallthrough
		case '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		case ',':
			elements++
		}
	}
	switch {
	case deepest > decoderDepth:
		return nil
	case deepest > maxDepth:
		return tooDeep()
	case objects > maxObjects:
		return tooManyObjects()
	case elements > maxElements:
		return tooManyElements()
	}
	return nil
}

func tooDeep() error {
	return apierrors.NewBadRequest(fmt.Sprintf("the body is nested deeper than %d", maxDepth))
}

func tooManyElements() error {
	return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("the body holds more than %d elements", maxElements))
}

// checkBulkValue is checkBulk for what was YAML.
func checkBulkValue(value any) error {
	c := valueCounter{}
	c.count(value, 1)
	switch {
	case c.deepest > maxDepth:
		return tooDeep()
	case c.objects > maxObjects:
		return tooManyObjects()
	case c.elements > maxElements:
		return tooManyElements()
	}
	return nil
}

type valueCounter struct{ objects, elements, deepest int }

func (c *valueCounter) count(value any, depth int) {
	switch v := value.(type) {
	case map[string]any:
		c.deepest = max(c.deepest, depth)
		c.objects++
		c.elements += len(v)
		for _, e := range v {
			c.count(e, depth+1)
		}
	case []any:
		c.deepest = max(c.deepest, depth)
		c.elements += len(v)
		for _, e := range v {
			c.count(e, depth+1)
		}
	}
}

// maxMerged is how long a list in a strategic merge patch may be: each of its elements is looked for among those there are.
const maxMerged = 5000

func checkMerge(value any) error {
	switch v := value.(type) {
	case map[string]any:
		for _, e := range v {
			if err := checkMerge(e); err != nil {
				return err
			}
		}
	case []any:
		if len(v) > maxMerged {
			return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("The allowed maximum length of a list in a strategic merge patch is %d, got %d", maxMerged, len(v)))
		}
		for _, e := range v {
			if err := checkMerge(e); err != nil {
				return err
			}
		}
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

// checkMessage refuses a protobuf message of obj's type with too many messages in it, or with quantities out of all
// proportion.
func checkMessage(message []byte, obj any) error {
	if len(message) < 2*maxObjects && !suspiciousMessage(message) {
		return nil
	}
	c := messageCounter{left: maxObjects, fields: map[reflect.Type]map[uint64]reflect.Type{}}
	c.count(message, reflect.TypeOf(obj).Elem())
	switch {
	case c.left < 0:
		return tooManyObjects()
	case c.quantity:
		return errQuantity
	}
	return nil
}

// messageCounter counts messages in a message, by the Go type that says which fields are some. What does not parse it
// leaves to the decoder.
type messageCounter struct {
	left     int
	quantity bool                                     // one was out of all proportion
	fields   map[reflect.Type]map[uint64]reflect.Type // the message types, by number
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
			if t == quantityType && !proportionate(string(data[m:m+int(size)])) {
				c.quantity = true
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
