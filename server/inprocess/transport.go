// Package inprocess is a client's transport to the handler of the same process: no socket, no TLS, but the
// same way of a request, authentication and authorization included, as anyone's. Callers: cmd/nave and
// navetest, which give it to controllers, scheduler and nodes.
package inprocess

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
)

// Transport is an http.RoundTripper that calls a handler. Responses stream: a watch works. What it cannot do
// is upgrade a connection.
type Transport struct{ Handler http.Handler }

// RoundTrip runs the handler in a goroutine of its own and returns when it has written a header. The
// handler's context ends when the request's does or the body is closed.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Upgrade") != "" {
		return nil, errors.New("in process: a connection cannot be upgraded")
	}
	ctx, cancel := context.WithCancel(req.Context())
	in := req.Clone(ctx)
	in.RequestURI = req.URL.RequestURI()
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/2.0", 2, 0
	in.RemoteAddr = "127.0.0.1:0"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	out, body := io.Pipe()
	w := &writer{header: http.Header{}, body: body, started: make(chan struct{})}
	go func() {
		defer func() {
			cause := io.EOF
			if v := recover(); v != nil { // http.ErrAbortHandler: the answer is broken off
				cause = io.ErrUnexpectedEOF
			}
			w.WriteHeader(http.StatusOK) // a handler that wrote nothing
			body.CloseWithError(cause)   //nolint:errcheck // it always is nil
			cancel()
		}()
		t.Handler.ServeHTTP(w, in)
	}()
	select {
	case <-w.started:
	case <-ctx.Done():
		out.CloseWithError(ctx.Err()) //nolint:errcheck // it always is nil
		cancel()
		return nil, ctx.Err()
	}
	return &http.Response{
		Status: http.StatusText(w.code), StatusCode: w.code, Proto: in.Proto, ProtoMajor: 2,
		Header: w.sent, Body: &responseBody{out, cancel}, ContentLength: -1, Request: req,
	}, nil
}

// writer is the handler's side of a response.
type writer struct {
	header  http.Header
	sent    http.Header // as it was when the header was written
	body    *io.PipeWriter
	once    sync.Once
	code    int
	started chan struct{}
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(code int) {
	if code < 200 { // informational: the answer is still to come
		return
	}
	w.once.Do(func() {
		w.code, w.sent = code, w.header.Clone()
		close(w.started)
	})
}

func (w *writer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush has nothing to do: what is written is with the reader.
func (w *writer) Flush() {}

// responseBody is the client's side; closing it ends the handler's context.
type responseBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *responseBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
