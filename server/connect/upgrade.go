package connect

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/httpstream"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/proxy"
)

// A backend is a connection that speaks another protocol than HTTP by now. Bytes that came right behind
// the answer are read first.
type backend struct {
	net.Conn
	reader *bufio.Reader
}

func (b *backend) Read(p []byte) (int, error) { return b.reader.Read(p) }

// dialUpgrade asks the backend to switch protocols. If it does, the connection is returned with its
// answer; if it answers something else, that answer alone, whose body must be closed.
func dialUpgrade(req *http.Request, transport http.RoundTripper) (*backend, *http.Response, error) {
	conn, err := proxy.DialURL(req.Context(), req.URL, transport)
	if err != nil {
		return nil, nil, fmt.Errorf("error dialing backend: %v", err)
	}
	// Whoever waits gives up with the request, or after a while.
	stop := context.AfterFunc(req.Context(), func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(handshakeTimeout))
	if err := req.Write(conn); err != nil {
		_ = conn.Close()
		return nil, nil, fmt.Errorf("error sending request: %v", err)
	}
	limited := &io.LimitedReader{R: conn, N: maxResponseHeader}
	reader := bufio.NewReader(limited)
	resp, err := http.ReadResponse(reader, req)
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		resp.Body = &closing{resp.Body, conn}
		return nil, resp, nil
	}
	_ = conn.SetDeadline(time.Time{})
	limited.N = 1<<63 - 1
	resp.Body = http.NoBody
	return &backend{Conn: conn, reader: reader}, resp, nil
}

// closing closes the connection with the body.
type closing struct {
	io.ReadCloser
	conn net.Conn
}

func (c *closing) Close() error { return errors.Join(c.ReadCloser.Close(), c.conn.Close()) }

// passUpgrade passes the client's upgrade on as it is, and then the bytes of both sides.
func passUpgrade(w http.ResponseWriter, r *http.Request, location *url.URL, transport http.RoundTripper) error {
	if !httpstream.IsUpgradeRequest(r) {
		return apierrors.NewBadRequest("Upgrade request required")
	}
	out := r.Clone(r.Context())
	stripCredentials(out.Header)
	utilnet.AppendForwardedForHeader(out)
	out.URL = location
	conn, resp, err := dialUpgrade(out, transport)
	if err != nil {
		return err
	}
	if conn == nil {
		return passRefusal(w, resp)
	}
	defer conn.Close()
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return fmt.Errorf("request connection cannot be hijacked: %w", err)
	}
	defer client.Close()
	_ = client.SetDeadline(time.Time{})
	if err := resp.Write(client); err != nil {
		return nil // the client is gone; there is nobody to tell
	}
	splice(r.Context(), &backend{Conn: client, reader: buffered.Reader}, conn)
	return nil
}

// splice copies both ways until one side ends or the context does, and closes both.
func splice(ctx context.Context, a, b io.ReadWriteCloser) {
	done := make(chan struct{}, 2)
	pass := func(to io.Writer, from io.Reader) {
		_, _ = io.Copy(to, from)
		done <- struct{}{}
	}
	go pass(a, b)
	go pass(b, a)
	select {
	case <-done:
	case <-ctx.Done():
	}
	_ = a.Close()
	_ = b.Close()
}

// passRefusal gives the client the backend's answer to an upgrade that was refused. A redirect, or any
// other answer below 400, is none that can be passed on.
func passRefusal(w http.ResponseWriter, resp *http.Response) error {
	defer resp.Body.Close()
	if resp.StatusCode < 400 {
		return fmt.Errorf("invalid upgrade response: status code %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err != nil && len(body) == 0 {
		return err
	}
	for _, name := range []string{"Content-Type", "X-Content-Type-Options", "Retry-After"} {
		if v := resp.Header.Get(name); v != "" {
			w.Header().Set(name, v)
		}
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(body)
	return nil
}

// upgradable gives a response writer what libraries look for to take the connection over.
func upgradable(w http.ResponseWriter) http.ResponseWriter {
	if _, ok := w.(http.Hijacker); ok {
		return w
	}
	return hijacker{w, http.NewResponseController(w)}
}

type hijacker struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) { return h.control.Hijack() }

func (h hijacker) Flush() { _ = h.control.Flush() }
