package openapi

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"
	"time"
)

// A document is made when it is first asked for, and kept compressed: JSON, and protobuf if somebody
// wants that.
type document struct {
	hash  string // of what it is made of, not of its bytes: it is known before the document is made
	build func() ([]byte, error)
	proto func(json []byte) ([]byte, error)

	mu       sync.Mutex
	modified time.Time
	packed   map[bool][]byte // true: protobuf
}

// compressed returns the document as JSON or protobuf, gzipped, and when it was made.
func (d *document) compressed(protobuf bool) ([]byte, time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if body, ok := d.packed[protobuf]; ok {
		return body, d.modified, nil
	}
	body, err := d.build()
	if err != nil {
		return nil, time.Time{}, err
	}
	if protobuf {
		if body, err = d.proto(body); err != nil {
			return nil, time.Time{}, err
		}
	}
	packed, err := pack(body)
	if err != nil {
		return nil, time.Time{}, err
	}
	if d.packed == nil {
		d.packed = map[bool][]byte{}
		d.modified = time.Now()
	}
	d.packed[protobuf] = packed
	return packed, d.modified, nil
}

func pack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err := w.Close()
	return bytes.Clone(b.Bytes()), err
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
