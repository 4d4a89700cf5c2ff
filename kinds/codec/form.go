package codec

import (
	"bytes"
	"errors"
	"reflect"
	"strconv"
	"sync"

	"github.com/nave-k8s/nave/kinds"
)

// Forms turn stored protobuf into JSON without making objects of it: most of what a server does with an
// object is to send it as it is. What that takes is learned once from each Go type, by reflection over its
// json and protobuf tags (form_learn.go), and then followed for every value (form_write.go). The result is
// byte for byte what encoding/json makes of the decoded object; where a value or a type has something
// that this cannot do, it is decoded and encoded after all.
//
// The zero value is ready for use, by many goroutines.
type Forms struct {
	mu    sync.RWMutex
	of    map[*kinds.Resource]*Form
	types map[reflect.Type]*shape

	scratch sync.Pool // *[]byte, to write into before the size is known
}

// A Form is how one resource is written.
type Form struct {
	forms    *Forms
	res      *kinds.Resource
	whole    *shape // nil: not from protobuf directly
	metadata *shape
	row      part // what the columns show; nil if it is not known
}

// Of returns the form of a resource.
func (f *Forms) Of(r *kinds.Resource) *Form {
	f.mu.RLock()
	form := f.of[r]
	f.mu.RUnlock()
	if form != nil {
		return form
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of, f.types = map[*kinds.Resource]*Form{}, map[reflect.Type]*shape{}
	}
	form = &Form{forms: f, res: r}
	t := reflect.TypeOf(r.New()).Elem()
	if s := r.Root().Storage; !s.JSON && s.Decode == nil && s.Restore == nil && t.Kind() == reflect.Struct {
		form.metadata = f.try(metaType)
		if r.Hub == nil {
			form.whole = f.try(t)
			form.row = rowOf(r, form.whole)
		}
	}
	f.of[r] = form
	return form
}

// rowOf is what the columns of a kind show; nil if that is not known.
func rowOf(r *kinds.Resource, s *shape) part {
	reads := r.Table.Reads
	if r.Table.Cells == nil && r.Table.Conditions == nil {
		reads = defaultReads
	}
	if s == nil || reads == nil {
		return nil
	}
	p, ok := partOf(s, reads)
	if !ok {
		return nil
	}
	return p
}

// try learns a type; nil if that cannot be done.
func (f *Forms) try(t reflect.Type) *shape {
	s, err := f.learn(t)
	if err != nil {
		clear(f.types) // some may refer to what was not finished
		return nil
	}
	return s
}

// errBeyond: a value has something that a form does not know.
var errBeyond = errors.New("codec: to be decoded")

// JSON is the package's JSON: a stored entry as the item of a list.
func (f *Form) JSON(value []byte, revision int64) ([]byte, error) {
	if body, ok := f.body(value); ok && f.whole != nil {
		scratch, _ := f.forms.scratch.Get().(*[]byte)
		if scratch == nil {
			scratch = new([]byte)
		}
		defer f.forms.scratch.Put(scratch)
		out, err := f.whole.write(append((*scratch)[:0], '{'), body, strconv.FormatInt(revision, 10))
		*scratch = out
		if err == nil {
			return append(append(make([]byte, 0, len(out)+1), out...), '}'), nil
		}
	}
	return JSON(f.res, value, revision)
}

// AppendMetadata appends the JSON of a stored entry's metadata. It reports false, having appended nothing,
// where the entry has to be decoded.
func (f *Form) AppendMetadata(out, value []byte, revision int64) ([]byte, bool) {
	body, ok := f.body(value)
	if !ok || f.metadata == nil || len(f.res.Root().FieldAnnotations) > 0 {
		return out, false
	}
	meta, _, err := leadingField(body, 1)
	if err != nil {
		return out, false
	}
	start := len(out)
	out, err = f.metadata.write(append(out, '{'), meta, strconv.FormatInt(revision, 10))
	if err != nil {
		return out[:start], false
	}
	return append(out, '}'), true
}

// body is the message in a stored value.
func (f *Form) body(value []byte) ([]byte, bool) {
	raw, ok := bytes.CutPrefix(value, protobufMagic)
	if !ok {
		return nil, false
	}
	_, _, body, err := splitUnknown(raw)
	return body, err == nil
}

// Rows reports whether Row decodes only what is shown.
func (f *Form) Rows() bool { return f.row != nil }

// Whole reports whether objects of the resource are written without being decoded.
func (f *Form) Whole() bool { return f.whole != nil }
