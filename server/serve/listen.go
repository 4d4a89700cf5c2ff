package serve

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/http2"
)

// Limits of a connection, so that no client can hold the server up.
const (
	maxHeaderBytes  = 1 << 20
	headerTimeout   = 32 * time.Second
	idleTimeout     = 90 * time.Second
	maxStreams      = 250
	maxReadFrame    = 99 << 10
	maxUploadStream = 256 << 10
)

// A Listener serves HTTPS on one socket.
type Listener struct {
	server *http.Server
	socket net.Listener
}

// Listen takes a socket and returns a listener that serves nothing yet.
func Listen(socket net.Listener, t TLS, handler http.Handler, log *slog.Logger) (*Listener, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	s := &http.Server{
		Handler:           handler,
		TLSConfig:         config,
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if t.NoHTTP2 {
		s.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		return &Listener{server: s, socket: tls.NewListener(socket, config)}, nil
	}
	streams := uint32(maxStreams)
	if t.MaxStreams > 0 {
		streams = uint32(t.MaxStreams)
	}
	err = http2.ConfigureServer(s, &http2.Server{
		MaxConcurrentStreams:         streams,
		MaxReadFrameSize:             maxReadFrame,
		MaxUploadBufferPerStream:     maxUploadStream,
		MaxUploadBufferPerConnection: int32(min(maxUploadStream*int64(streams), 1<<31-1)),
		IdleTimeout:                  idleTimeout,
	})
	if err != nil {
		return nil, err
	}
	return &Listener{server: s, socket: tls.NewListener(socket, config)}, nil
}

// Serve blocks until the listener is shut down.
func (l *Listener) Serve() error {
	if err := l.server.Serve(l.socket); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// Shutdown takes no more connections, tells clients to go and lets requests in flight finish until the
// context ends, then cuts them off.
func (l *Listener) Shutdown(ctx context.Context) error {
	if err := l.server.Shutdown(ctx); err != nil {
		return l.server.Close()
	}
	return nil
}
