package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

const watchersPerConnection = 50

// watchers are open streams that read lines and count them.
type watchers struct {
	cancel context.CancelFunc
	seen   chan error // one for each line of each stream, or what ended it
	all    sync.WaitGroup
	lines  int // how many streams
	sample []byte
	once   sync.Once
}

// open begins n streams.
func open(ctx context.Context, connect func() (*client, error), n int, r request) (*watchers, error) {
	ctx, cancel := context.WithCancel(ctx)
	w := &watchers{cancel: cancel, seen: make(chan error, n), lines: n}
	var c *client
	for i := range n {
		if i%watchersPerConnection == 0 {
			var err error
			if c, err = connect(); err != nil {
				w.close()
				return nil, err
			}
		}
		resp, err := c.start(ctx, r)
		if err != nil {
			w.close()
			return nil, err
		}
		w.all.Go(func() {
			defer resp.Body.Close() //nolint:errcheck // it is read
			w.read(ctx, resp.Body)
		})
	}
	return w, nil
}

func (w *watchers) close() {
	w.cancel()
	w.all.Wait()
}

func (w *watchers) read(ctx context.Context, body io.Reader) {
	buf := make([]byte, 32<<10)
	var first []byte
	for sampled := false; ; {
		n, err := body.Read(buf)
		if !sampled && n > 0 {
			first = append(first, buf[:n]...)
			if end := bytes.IndexByte(first, '\n'); end >= 0 {
				w.once.Do(func() { w.sample = bytes.Clone(first[:end+1]) })
				sampled, first = true, nil
			}
		}
		for range bytes.Count(buf[:n], []byte{'\n'}) {
			select {
			case w.seen <- nil:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			select {
			case w.seen <- err:
			case <-ctx.Done():
			}
			return
		}
	}
}

// measure has events made, one after the other, each when all have seen the one before. An operation is one
// delivery; the times are until all have it.
func (w *watchers) measure(ctx context.Context, p process, events int, emit func(i int) error) (measure, error) {
	took := make([]time.Duration, events)
	cpu, started := p.cpu(), time.Now()
	for i := range events {
		began := time.Now()
		if err := emit(i); err != nil {
			return measure{}, err
		}
		for range w.lines {
			select {
			case err := <-w.seen:
				if err != nil {
					return measure{}, fmt.Errorf("a watch ended: %w", err)
				}
			case <-ctx.Done():
				return measure{}, ctx.Err()
			}
		}
		took[i] = time.Since(began)
	}
	m := measure{ops: events * w.lines, took: time.Since(started), cpu: p.cpu() - cpu}
	slices.Sort(took)
	m.p50, m.p99 = percentile(took, 50), percentile(took, 99)
	return m, nil
}

// watches is 100 events to each of 500 watchers.
func watches(ctx context.Context, b *bench) error {
	if err := b.needPods(ctx); err != nil {
		return err
	}
	const n = 500
	events := b.n(100)
	c, err := b.server.client()
	if err != nil {
		return err
	}
	defer c.http.CloseIdleConnections()
	version, err := b.version(ctx, c)
	if err != nil {
		return err
	}
	w, err := open(ctx, b.server.client, n, request{method: "GET", path: pods + "?watch=1&resourceVersion=" + version})
	if err != nil {
		return err
	}
	name := fmt.Sprintf("watch: %d watchers x %d events", n, events)
	done := b.profileDuring(ctx, name)
	m, err := w.measure(ctx, b.server.process, events, func(i int) error {
		_, err := c.do(ctx, request{method: "PATCH", path: pods + "/" + podName(i%b.pods) + "/status", body: status(i + 7), contentType: strategicType})
		return err
	})
	done()
	w.close()
	if err != nil {
		return err
	}
	limit, err := b.bareWatches(ctx, n, events, w.sample)
	b.table.add(line{name, m, "bare", limit})
	return err
}

// bareWatches sends the event the same way from the bare server.
func (b *bench) bareWatches(ctx context.Context, n, events int, event []byte) (measure, error) {
	c, err := b.bare.client()
	if err != nil {
		return measure{}, err
	}
	defer c.http.CloseIdleConnections()
	w, err := open(ctx, b.bare.client, n, request{method: "GET", path: "/stream"})
	if err != nil {
		return measure{}, err
	}
	defer w.close()
	return w.measure(ctx, b.bare.process, events, func(int) error {
		_, err := c.do(ctx, request{method: "POST", path: "/emit", body: event})
		return err
	})
}

// version is the resource version of the pods now.
func (b *bench) version(ctx context.Context, c *client) (string, error) {
	body, err := c.read(ctx, request{method: "GET", path: pods + "?limit=1"})
	if err != nil {
		return "", err
	}
	var list struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
	}
	err = json.Unmarshal(body, &list)
	return list.Metadata.ResourceVersion, err
}
