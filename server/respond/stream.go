package respond

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/nave-k8s/nave/server/request"
)

// A stream sends a body piece by piece, compressed where that pays. Close ends it. Of a body whose size is
// not known it keeps the beginning, until it is clear which it is.
type stream struct {
	w    io.Writer
	z    *gzip.Writer
	buf  []byte
	err  error
	held *heldStream // nil once the answer has begun
}

// heldStream is what it takes to begin the answer.
type heldStream struct {
	w    http.ResponseWriter
	r    *request.Request
	code int
}

const streamBuffer = 64 * 1024

var streamBuffers = sync.Pool{New: func() any { b := make([]byte, 0, streamBuffer); return &b }}

// newStream begins an answer of size bytes, below 0 for one that is not known.
func newStream(w http.ResponseWriter, r *request.Request, contentType string, code int, size int) *stream {
	h := w.Header()
	h.Set("Content-Type", contentType)
	head(h, r)
	s := &stream{w: w, buf: (*streamBuffers.Get().(*[]byte))[:0], held: &heldStream{w, r, code}}
	if size >= 0 {
		s.begin(size)
	}
	return s
}

// begin sends the head of an answer of size bytes; below 0 if there are many.
func (s *stream) begin(size int) {
	w, r := s.held.w, s.held.r
	switch h := w.Header(); {
	case (size < 0 || size >= compressFrom) && acceptsGzip(r):
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		s.z = gzipWriters.Get().(*gzip.Writer)
		s.z.Reset(w)
		s.w = s.z
	case size >= 0:
		h.Set("Content-Length", strconv.Itoa(size))
	}
	w.WriteHeader(s.held.code)
	s.held = nil
}

func (s *stream) Write(p []byte) (int, error) {
	if s.held != nil && len(s.buf)+len(p) >= compressFrom {
		s.begin(-1)
	}
	if s.held == nil && len(s.buf)+len(p) > streamBuffer {
		s.flush()
		if len(p) >= streamBuffer {
			if s.err == nil {
				_, s.err = s.w.Write(p)
			}
			return len(p), s.err
		}
	}
	s.buf = append(s.buf, p...)
	return len(p), s.err
}

func (s *stream) flush() {
	if s.err == nil && len(s.buf) > 0 {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

func (s *stream) Close() error {
	if s.held != nil {
		s.begin(len(s.buf))
	}
	s.flush()
	if s.z != nil {
		if err := s.z.Close(); s.err == nil {
			s.err = err
		}
		gzipWriters.Put(s.z)
	}
	streamBuffers.Put(&s.buf)
	return s.err
}
