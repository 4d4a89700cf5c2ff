package hostile

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Bodies that come slowly, or never, are given up at the request's deadline, and hold no memory meanwhile.
func TestSlowBodies(t *testing.T) {
	s := newTarget(t)
	s.attack(t, func() {
		var work sync.WaitGroup
		var answered atomic.Int64
		for i := range 300 {
			work.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
				defer cancel()
				r, w := io.Pipe()
				defer w.Close() //nolint:errcheck // a pipe
				go func() {
					for range 100 {
						if _, err := w.Write([]byte(" ")); err != nil {
							return
						}
						time.Sleep(500 * time.Millisecond)
					}
				}()
				req, err := http.NewRequestWithContext(ctx, "POST", s.URL+configMaps+"?timeout=3s", r)
				if err != nil {
					t.Error(err)
					return
				}
				if i%2 == 0 {
					req.ContentLength = 3*megabyte - 1
				}
				req.Header.Set("Content-Type", asJSON)
				req.Header.Set("Authorization", "Bearer "+s.token)
				resp, err := s.http.Do(req)
				if err != nil {
					t.Errorf("no answer: %v", err)
					return
				}
				defer resp.Body.Close() //nolint:errcheck // it is only read
				var status metav1.Status
				if err := json.NewDecoder(resp.Body).Decode(&status); err != nil || status.Kind != "Status" || resp.StatusCode != http.StatusGatewayTimeout {
					t.Errorf("%d %v %v", resp.StatusCode, status, err)
				}
				answered.Add(1)
			})
		}
		work.Wait()
		t.Logf("%d answered", answered.Load())
	})
}

// Over HTTP/1.1, too.
func TestSlowBodyOnHTTP1(t *testing.T) {
	s := newTarget(t)
	started := time.Now()
	resp, body := s.raw(t, s.head("POST", configMaps+"?timeout=2s")+"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	if resp == nil || resp.StatusCode != http.StatusGatewayTimeout || time.Since(started) > 10*time.Second {
		t.Errorf("after %s: %v %.200s", time.Since(started), resp, body)
	}
}

// A wire speaks HTTP/2 frame by frame.
type wire struct {
	conn    *tls.Conn
	framer  *http2.Framer
	heads   bytes.Buffer
	coder   *hpack.Encoder
	ended   chan struct{} // the server has closed the connection
	replies atomic.Int64
}

func (s *target) dial(t *testing.T) *wire {
	t.Helper()
	conn, err := tls.Dial("tcp", s.address(), s.tlsConfig(t, "h2"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })                 //nolint:errcheck // it has been used
	conn.SetDeadline(time.Now().Add(60 * time.Second)) //nolint:errcheck // it is a socket
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	w := &wire{conn: conn, framer: http2.NewFramer(conn, conn), ended: make(chan struct{})}
	w.framer.AllowIllegalWrites = true
	w.coder = hpack.NewEncoder(&w.heads)
	if err := w.framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.ended)
		for {
			f, err := w.framer.ReadFrame()
			if err != nil {
				return
			}
			if _, ok := f.(*http2.HeadersFrame); ok {
				w.replies.Add(1)
			}
		}
	}()
	return w
}

func (w *wire) headers(s *target, method, path string) []byte {
	w.heads.Reset()
	for _, f := range [][2]string{{":method", method}, {":scheme", "https"}, {":authority", "nave"}, {":path", path}, {"authorization", "Bearer " + s.token}} {
		w.coder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}) //nolint:errcheck // into memory
	}
	return w.heads.Bytes()
}

// flood sends until n frames are sent or the server has had enough.
func (w *wire) flood(n int, send func(i uint32) error) (sent int) {
	for i := range n {
		if send(uint32(i)) != nil {
			return i
		}
		select {
		case <-w.ended:
			return i
		default:
		}
	}
	return n
}

func TestHTTP2Floods(t *testing.T) {
	s := newTarget(t)
	floods := map[string]struct {
		frames int
		send   func(w *wire) func(i uint32) error
	}{
		"rapid reset": {50_000, func(w *wire) func(uint32) error {
			return func(i uint32) error {
				id := 2*i + 1
				err := w.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: w.headers(s, "GET", pods), EndHeaders: true, EndStream: true})
				if err != nil {
					return err
				}
				return w.framer.WriteRSTStream(id, http2.ErrCodeCancel)
			}
		}},
		"streams that never end": {20_000, func(w *wire) func(uint32) error {
			return func(i uint32) error {
				return w.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*i + 1, BlockFragment: w.headers(s, "POST", configMaps), EndHeaders: true})
			}
		}},
		"watches": {20_000, func(w *wire) func(uint32) error {
			return func(i uint32) error {
				return w.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*i + 1, BlockFragment: w.headers(s, "GET", pods+"?watch=1"), EndHeaders: true, EndStream: true})
			}
		}},
		"settings": {200_000, func(w *wire) func(uint32) error {
			return func(uint32) error {
				return w.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1})
			}
		}},
		"pings": {200_000, func(w *wire) func(uint32) error {
			return func(uint32) error { return w.framer.WritePing(false, [8]byte{}) }
		}},
		"continuations": {50_000, func(w *wire) func(uint32) error {
			begun := false
			return func(uint32) error {
				if !begun {
					begun = true
					return w.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: w.headers(s, "GET", pods)})
				}
				w.heads.Reset()
				w.coder.WriteField(hpack.HeaderField{Name: "x", Value: times(1000, "y"), Sensitive: true}) //nolint:errcheck // into memory
				return w.framer.WriteContinuation(1, false, w.heads.Bytes())
			}
		}},
		"empty data": {200_000, func(w *wire) func(uint32) error {
			begun := false
			return func(uint32) error {
				if !begun {
					begun = true
					return w.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: w.headers(s, "POST", configMaps+"?timeout=5s"), EndHeaders: true})
				}
				return w.framer.WriteData(1, false, nil)
			}
		}},
		"windows that overflow": {1000, func(w *wire) func(uint32) error {
			return func(uint32) error { return w.framer.WriteWindowUpdate(0, 1<<31-1) }
		}},
		"frames that nobody knows": {100_000, func(w *wire) func(uint32) error {
			return func(uint32) error { return w.framer.WriteRawFrame(0xee, 0, 0, make([]byte, 100)) }
		}},
		"a frame larger than allowed": {1, func(w *wire) func(uint32) error {
			return func(uint32) error { return w.framer.WriteRawFrame(http2.FrameData, 0, 1, make([]byte, 2*megabyte)) }
		}},
		"priorities of themselves": {100_000, func(w *wire) func(uint32) error {
			return func(i uint32) error { return w.framer.WritePriority(2*i+1, http2.PriorityParam{StreamDep: 2*i + 1}) }
		}},
	}
	for name, f := range floods {
		t.Run(name, func(t *testing.T) {
			s.attack(t, func() {
				var work sync.WaitGroup
				var sent, replies atomic.Int64
				for range 4 {
					w := s.dial(t)
					send := f.send(w)
					work.Go(func() {
						sent.Add(int64(w.flood(f.frames, send)))
						select { // what is under way
						case <-w.ended:
						case <-time.After(500 * time.Millisecond):
						}
						replies.Add(w.replies.Load())
						w.conn.Close() //nolint:errcheck // it has been used
					})
				}
				work.Wait()
				t.Logf("%d of %d frames sent, %d replies", sent.Load(), 4*f.frames, replies.Load())
			})
		})
	}
}

// Connections that say nothing, or only begin a handshake, keep nobody out.
func TestIdleConnections(t *testing.T) {
	s := newTarget(t)
	s.attack(t, func() {
		dialer := &tls.Dialer{Config: s.tlsConfig(t, "h2")}
		var open []io.Closer
		for i := range 400 {
			var c io.Closer
			var err error
			if i%2 == 0 {
				c, err = dialer.DialContext(context.Background(), "tcp", s.address())
			} else {
				c, err = net.Dial("tcp", s.address())
			}
			if err != nil {
				t.Fatal(fmt.Errorf("connection %d: %w", i, err))
			}
			open = append(open, c)
		}
		s.must(t, "GET", configMaps, "", "")
		for _, c := range open {
			c.Close() //nolint:errcheck // it was of no use
		}
	})
}
