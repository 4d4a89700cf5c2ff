package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// A client speaks HTTP/2 over one connection, as a client-go client does.
type client struct {
	url  string
	http *http.Client
}

// transport is HTTP/2, uncompressed: bytes are what is compared.
func transport(config *tls.Config) *http.Transport {
	return &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableCompression: true, ReadBufferSize: 64 << 10}
}

type request struct {
	method, path string
	body         []byte
	contentType  string
	accept       string
}

// start sends a request; the answer's body is the caller's to read and close.
func (c *client) start(ctx context.Context, r request) (*http.Response, error) {
	hr, err := http.NewRequestWithContext(ctx, r.method, c.url+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	hr.Header.Set("User-Agent", "bench/1")
	if r.contentType != "" {
		hr.Header.Set("Content-Type", r.contentType)
	}
	if r.accept == "" {
		r.accept = "application/json"
	}
	hr.Header.Set("Accept", r.accept)
	resp, err := c.http.Do(hr)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
		resp.Body.Close() //nolint:errcheck // it is read
		return nil, fmt.Errorf("%s %s: %s: %s", r.method, r.path, resp.Status, text)
	}
	if resp.ProtoMajor != 2 {
		resp.Body.Close() //nolint:errcheck
		return nil, fmt.Errorf("%s answers with %s, not HTTP/2", c.url, resp.Proto)
	}
	return resp, nil
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// do sends a request and reads the answer, whose size it returns.
func (c *client) do(ctx context.Context, r request) (size int64, err error) {
	resp, err := c.start(ctx, r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is read
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for {
		n, err := resp.Body.Read(*buf)
		size += int64(n)
		switch err {
		case nil:
		case io.EOF:
			return size, nil
		default:
			return size, err
		}
	}
}

// read is do, with the answer.
func (c *client) read(ctx context.Context, r request) ([]byte, error) {
	resp, err := c.start(ctx, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is read
	return io.ReadAll(resp.Body)
}
