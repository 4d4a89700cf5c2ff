// Package presence makes the servers of a cluster known inside it: the ServiceCIDR and the Service
// "kubernetes", with which pods find the API, and its endpoints, one for each server that lives. A server
// says that it lives by a key that the database forgets unless it is written again; when one is gone, any
// other takes its address out of the endpoints. Keys and objects are those of kube-apiserver, so that both
// can serve one cluster. Callers: server.
package presence

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/store"
)

// Config is whose presence, and what it is told with.
type Config struct {
	// Address is where other hosts reach this server; the zero value keeps no endpoints. Port is its port.
	Address netip.Addr
	Port    int
	// Ranges are the ranges of cluster IPs; the Service gets the first address of the first.
	Ranges []netip.Prefix

	Objects Objects
	Store   store.Store
	Now     func() time.Time
}

// Objects reads and writes objects in the server's own name. Errors are API status errors.
type Objects interface {
	Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error)
	Create(ctx context.Context, group, plural string, obj kinds.Object) error
	Update(ctx context.Context, group, plural, subresource, namespace, name string, change func(kinds.Object) error) error
	// Set writes without rules, admission and managed fields.
	Set(ctx context.Context, group, plural, namespace, name string, change func(kinds.Object) error) (kinds.Object, error)
}

// Presence keeps one server known.
type Presence struct {
	Config
	mu        sync.Mutex // one look at a time
	left      bool
	complains bool // of another server's ranges; once is enough
}

// New returns the presence of a server.
func New(c Config) *Presence { return &Presence{Config: c} }

const (
	// interval is how often a server says that it lives; what it said is forgotten after leaseSeconds.
	interval     = 10 * time.Second
	leaseSeconds = 15
)

// Ensure makes what is missing, and puts this server among the endpoints.
func (p *Presence) Ensure(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left {
		return nil
	}
	errs := []error{p.ensureCIDR(ctx), p.ensureService(ctx)}
	if p.Address.IsValid() {
		if err := p.renew(ctx); err != nil {
			errs = append(errs, err)
		} else {
			errs = append(errs, p.ensureEndpoints(ctx))
		}
	}
	return errors.Join(errs...)
}

// Run ensures again and again, until the context ends. report hears of what fails.
func (p *Presence) Run(ctx context.Context, report func(error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := p.Ensure(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		}
	}
}

// Leave takes this server out of the endpoints: it is about to stop. Nothing is ensured any more.
func (p *Presence) Leave(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left || !p.Address.IsValid() {
		return nil
	}
	p.left = true
	if err := p.forget(ctx); err != nil {
		return err
	}
	return p.ensureEndpoints(ctx)
}
