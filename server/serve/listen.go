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

// Listen takes a socket and the TLS configuration, whose NextProtos it sets, and returns a listener that
// serves nothing yet.
func Listen(socket net.Listener, tlsConfig *tls.Config, handler http.Handler, log *slog.Logger) (*Listener, error) {
	tlsConfig = tlsConfig.Clone()
	tlsConfig.NextProtos = []string{"h2", "http/1.1"}
	s := &http.Server{
		Handler:           handler,
		TLSConfig:         tlsConfig,
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	err := http2.ConfigureServer(s, &http2.Server{
		MaxConcurrentStreams:         maxStreams,
		MaxReadFrameSize:             maxReadFrame,
		MaxUploadBufferPerStream:     maxUploadStream,
		MaxUploadBufferPerConnection: maxUploadStream * maxStreams,
		IdleTimeout:                  idleTimeout,
	})
	if err != nil {
		return nil, err
	}
	return &Listener{server: s, socket: tls.NewListener(socket, tlsConfig)}, nil
}

// Serve blocks until the listener is shut down.
func (l *Listener) Serve() error {
	if err := l.server.Serve(l.socket); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// Shutdown lets requests in flight finish until the context ends, then cuts them off.
func (l *Listener) Shutdown(ctx context.Context) error {
	if err := l.server.Shutdown(ctx); err != nil {
		return l.server.Close()
	}
	return nil
}
