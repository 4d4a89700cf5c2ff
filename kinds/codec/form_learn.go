package codec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxFields is how many fields a shape may have that a form writes.
const maxFields = 64

// A shape is a Go struct with a protobuf form: its fields in the order in which JSON has them.
type shape struct {
	typ     reflect.Type
	fields  []field
	numbers []uint8 // of a protobuf field's number, 1 + the index in fields; 0 for one that is unknown
}

// A field is a struct's field.
type field struct {
	key       []byte // "name": with the quotes and the colon
	number    int
	what      element
	list, dic bool // a slice; a map with string keys
	pointer   bool
	inline    bool // its fields are those of the struct that it stands in
	omitEmpty bool
	omitZero  bool
	version   bool // metadata.resourceVersion
	optional  bool // JSON leaves it out where the message does
}

type kindOfElement uint8

const (
	stringElement kindOfElement = iota
	boolElement
	intElement   // signed: int32, int64
	bytesElement // base64
	shapeElement
	timeElement
	quantityElement
	rawElement     // JSON, in field 1 of a message
	marshalElement // a type with a JSON of its own
)

// An element is what a field, or each of several, holds.
type element struct {
	kind kindOfElement
	typ  reflect.Type
	msg  *shape // shapeElement
}

var (
	timeType      = reflect.TypeFor[metav1.Time]()
	quantityType  = reflect.TypeFor[resource.Quantity]()
	fieldsType    = reflect.TypeFor[metav1.FieldsV1]()
	metaType      = reflect.TypeFor[metav1.ObjectMeta]()
	typeMetaType  = reflect.TypeFor[metav1.TypeMeta]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
	protobufType  = reflect.TypeFor[readable]()
)

// readable is what can be read from protobuf.
type readable interface{ Unmarshal([]byte) error }

// learn reads the tags of a struct. f.mu is held.
func (f *Forms) learn(t reflect.Type) (*shape, error) {
	if m := f.types[t]; m != nil {
		return m, nil // perhaps still in the making, where a type holds itself
	}
	m := &shape{typ: t}
	f.types[t] = m
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Type == typeMetaType || !sf.IsExported() || sf.Tag.Get("json") == "-" {
			continue
		}
		fd, err := f.learnField(t, sf)
		if err != nil {
			delete(f.types, t)
			return nil, err
		}
		m.fields = append(m.fields, fd)
		if n := fd.number + 1 - len(m.numbers); n > 0 {
			m.numbers = append(m.numbers, make([]uint8, n)...)
		}
		m.numbers[fd.number] = uint8(len(m.fields))
	}
	if len(m.fields) > maxFields {
		delete(f.types, t)
		return nil, fmt.Errorf("%v has %d fields", t, len(m.fields))
	}
	return m, nil
}

func (f *Forms) learnField(in reflect.Type, sf reflect.StructField) (fd field, err error) {
	tag := strings.Split(sf.Tag.Get("protobuf"), ",")
	name, rest, _ := strings.Cut(sf.Tag.Get("json"), ",")
	options := strings.Split(rest, ",")
	if len(tag) < 3 {
		return fd, fmt.Errorf("%v.%s has no protobuf tag", in, sf.Name)
	}
	if fd.number, err = strconv.Atoi(tag[1]); err != nil {
		return fd, err
	}
	fd.inline = name == "" && sf.Anonymous
	if name == "" && !fd.inline || slices.Contains(options, "string") {
		return fd, fmt.Errorf("%v.%s has the JSON tag %q", in, sf.Name, sf.Tag.Get("json"))
	}
	fd.key = []byte(strconv.Quote(name) + ":")
	fd.omitEmpty, fd.omitZero = slices.Contains(options, "omitempty"), slices.Contains(options, "omitzero")
	fd.version = in == metaType && name == "resourceVersion"
	t := sf.Type
	switch {
	case t.Implements(marshalerType) || reflect.PointerTo(t).Implements(marshalerType):
	case t.Kind() == reflect.Pointer:
		fd.pointer, t = true, t.Elem()
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		fd.dic, t = true, t.Elem()
	case t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 && !reflect.PointerTo(t).Implements(protobufType):
		fd.list, t = true, t.Elem()
	}
	if t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct && !fd.list && !fd.dic {
		fd.pointer, t = true, t.Elem() // to a type with a JSON of its own
	}
	if fd.what, err = f.element(t); err != nil {
		return fd, err
	}
	switch several := fd.list || fd.dic || fd.pointer; {
	case fd.version:
	case fd.omitEmpty:
		fd.optional = several || fd.what.empty(value{})
	case fd.omitZero:
		fd.optional = several
	}
	if fd.inline && (fd.what.kind != shapeElement || fd.list || fd.dic || fd.pointer) {
		return fd, fmt.Errorf("%v.%s is embedded and no struct", in, sf.Name)
	}
	if fd.omitZero && !fd.pointer && fd.what.kind != shapeElement && fd.what.kind != timeElement {
		return fd, fmt.Errorf("%v.%s is omitted when zero", in, sf.Name)
	}
	return fd, nil
}

func (f *Forms) element(t reflect.Type) (e element, err error) {
	e.typ = t
	pointer := reflect.PointerTo(t)
	switch {
	case t == timeType:
		e.kind = timeElement
	case t == quantityType:
		e.kind = quantityElement
	case t == fieldsType:
		e.kind = rawElement
	case pointer.Implements(marshalerType):
		if e.kind = marshalElement; !pointer.Implements(protobufType) {
			err = fmt.Errorf("%v cannot be read from protobuf", t)
		}
	case t.Kind() == reflect.String:
		e.kind = stringElement
	case t.Kind() == reflect.Bool:
		e.kind = boolElement
	case t.Kind() == reflect.Int32, t.Kind() == reflect.Int64:
		e.kind = intElement
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		e.kind = bytesElement
	case t.Kind() == reflect.Struct:
		e.kind = shapeElement
		e.msg, err = f.learn(t)
	case pointer.Implements(protobufType): // a named list, as Verbs and ExtraValue are
		e.kind = marshalElement
	default:
		err = fmt.Errorf("%v is not known", t)
	}
	return e, err
}
