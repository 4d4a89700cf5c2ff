package codec

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/nave-k8s/nave/kinds"
)

// A part says which fields of a message are wanted: by number, nil for one that is wanted whole. Of lists and
// maps it is about their items.
type part map[uint64]part

// partOf reads paths of JSON names ("spec.containers.name"). It reports false if one leads nowhere.
func partOf(s *shape, paths []string) (part, bool) {
	p := part{}
	for _, path := range paths {
		if !p.add(s, path) {
			return nil, false
		}
	}
	return p, true
}

func (p part) add(s *shape, path string) bool {
	name, rest, deeper := strings.Cut(path, ".")
	for i := range s.fields {
		f := &s.fields[i]
		if string(f.key) != strconv.Quote(name)+":" {
			continue
		}
		number := uint64(f.number)
		sub, known := p[number]
		if !deeper {
			p[number] = nil
			return true
		}
		if known && sub == nil {
			return true // it is there whole
		}
		if f.what.kind != shapeElement || f.dic {
			return false
		}
		if sub == nil {
			sub = part{}
			p[number] = sub
		}
		return sub.add(f.what.msg, rest)
	}
	return false
}

// cut appends the wanted fields of a message.
func (p part) cut(out, body []byte) ([]byte, error) {
	for pos := 0; pos < len(body); {
		key, n := binary.Uvarint(body[pos:])
		if n <= 0 {
			return out, errTruncated
		}
		end, err := skipValue(body, pos+n, key)
		if err != nil {
			return out, err
		}
		sub, wanted := p[key>>3]
		switch {
		case !wanted:
		case sub == nil:
			out = append(out, body[pos:end]...)
		case key&7 != 2:
			return out, errBeyond
		default:
			_, m := binary.Uvarint(body[pos+n:])
			out = append(out, body[pos:pos+n]...)
			start := len(out)
			if out, err = sub.cut(out, body[pos+n+m:end]); err != nil {
				return out, err
			}
			// The length goes in front, now that it is known.
			var length [binary.MaxVarintLen64]byte
			l := binary.PutUvarint(length[:], uint64(len(out)-start))
			out = append(out, length[:l]...)
			copy(out[start+l:], out[start:len(out)-l])
			copy(out[start:], length[:l])
		}
		pos = end
	}
	return out, nil
}

// defaultReads is what the default columns show.
var defaultReads = []string{"metadata.name", "metadata.creationTimestamp"}

// Row returns a stored entry, in the version that is stored, with at least what the columns of its kind show.
// Where the kind says what that is, nothing else is decoded.
func (f *Form) Row(value []byte, revision int64) (kinds.Object, error) {
	if body, ok := f.body(value); ok && f.row != nil {
		scratch, _ := f.forms.scratch.Get().(*[]byte)
		if scratch == nil {
			scratch = new([]byte)
		}
		defer f.forms.scratch.Put(scratch)
		cut, err := f.row.cut((*scratch)[:0], body)
		*scratch = cut
		obj := f.res.Root().New().(kinds.Object)
		if m, ok := obj.(message); ok && err == nil && m.Unmarshal(cut) == nil {
			return obj, nil
		}
	}
	return Decode(f.res.Root(), value, revision)
}
