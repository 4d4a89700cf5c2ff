package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/nave-k8s/nave/server"
	"github.com/nave-k8s/nave/server/serve"
	"github.com/nave-k8s/nave/server/tracing"
	"github.com/nave-k8s/nave/server/version"
	"github.com/nave-k8s/nave/store"
)

// A plan is what a process is made of. nave up and nave apiserver each make one from their flags.
type plan struct {
	log    *slog.Logger
	socket net.Listener
	// open opens the database. It takes the longest, so configure says meanwhile what the server is made of,
	// but for the database and the log.
	open      func(context.Context) (store.Store, error)
	configure func() (server.Config, serve.TLS, error)
	// beside is what runs in the process besides the server, once that serves, until the context ends. It has the
	// server's handler as its API. Nil for nothing.
	beside func(ctx context.Context, api http.Handler) error
	// tracing is where traces go; nil for nowhere.
	tracing *tracing.Config
	// linger is how long to go on serving, though not ready, after the signal to stop.
	linger time.Duration
}

// A process is an API server and its database.
type process struct {
	plan
	store    store.Store
	server   *server.Server
	handler  http.Handler
	listener *serve.Listener
	tracer   *tracing.Tracer // nil without tracing

	stop       context.CancelFunc
	stopBeside func()     // returns when what runs beside the server has ended
	running    chan error // what ended by itself
}

// stopTimeout is how long requests in flight may go on after the signal to stop.
const stopTimeout = 700 * time.Millisecond

// besideTimeout is how long what runs beside the server may take to stop before the server stops all the same.
const besideTimeout = 100 * time.Millisecond

// traceTimeout is how long sending the last spans may take.
const traceTimeout = 100 * time.Millisecond

// environmentTracing is what the environment says of tracing; nil if nothing.
func environmentTracing() *tracing.Config {
	if c, ok := tracing.FromEnvironment(); ok {
		return &c
	}
	return nil
}

// prepare opens the database and puts the server together.
func (pl plan) prepare(ctx context.Context) (_ *process, err error) {
	p := &process{plan: pl, running: make(chan error, 3)}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	opened := make(chan error, 1)
	go func() {
		var err error
		p.store, err = pl.open(ctx)
		opened <- err
	}()
	config, secure, configErr := pl.configure()
	if err := errors.Join(<-opened, configErr); err != nil {
		return nil, err
	}
	config.Store, config.Log = p.store, pl.log
	if pl.tracing != nil {
		if p.tracer, err = tracing.New(ctx, *pl.tracing, version.Kubernetes); err != nil {
			return nil, fmt.Errorf("tracing: %w", err)
		}
		config.Trace = p.tracer.Done
	}
	if p.server, err = server.New(config); err != nil {
		return nil, err
	}
	p.handler = p.server.Handler()
	p.listener, err = serve.Listen(pl.socket, secure, p.handler, pl.log)
	return p, err
}

// run starts the process, calls ready once it serves, and returns when the context ends, after a clean stop, or
// when something ended by itself.
func (pl plan) run(ctx context.Context, ready func() error) error {
	p, err := pl.prepare(ctx)
	if err != nil {
		pl.socket.Close() //nolint:errcheck // there is a better error to tell
		return err
	}
	defer p.close()
	if err := p.start(ctx); err != nil {
		return err
	}
	if err := ready(); err != nil {
		return err
	}
	return p.wait(ctx)
}

// start runs the server and waits until it is ready. Who connects before waits, too.
func (p *process) start(ctx context.Context) error {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	go func() {
		if err := p.server.Run(run); err != nil && !errors.Is(err, context.Canceled) {
			p.running <- err
		}
	}()
	if err := p.server.Bootstrap(ctx); err != nil {
		return fmt.Errorf("the objects that every cluster has could not be made: %w", err)
	}
	go func() { p.running <- p.listener.Serve() }()
	if p.beside != nil {
		p.startBeside(run)
	}
	return nil
}

func (p *process) startBeside(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	p.stopBeside = func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(besideTimeout):
		}
	}
	go func() {
		defer close(ended)
		if err := p.beside(ctx, p.handler); err != nil && !errors.Is(err, context.Canceled) {
			p.running <- err
		}
	}()
}

// wait waits for the end. What runs beside the server stops first: it is a client. The server then says that it is not ready and leaves the endpoints; then no
// connection is taken any more, watches end, requests in flight finish.
func (p *process) wait(ctx context.Context) error {
	select {
	case err := <-p.running:
		return err
	case <-ctx.Done():
	}
	if p.stopBeside != nil {
		p.stopBeside()
	}
	p.server.Leave()
	if p.linger > 0 {
		p.log.Info("serving on before the server stops", "for", p.linger)
		time.Sleep(p.linger)
	}
	p.server.Stop()
	end, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return p.listener.Shutdown(end)
}

// close lets go of what there is.
func (p *process) close() {
	if p.stop != nil {
		p.stop()
	}
	if p.tracer != nil {
		ctx, cancel := context.WithTimeout(context.Background(), traceTimeout)
		defer cancel()
		p.tracer.Close(ctx) //nolint:errcheck // the spans are lost, and the process ends
	}
	if p.store != nil {
		p.store.Close() //nolint:errcheck // the process ends
	}
}
