package etcd

import (
	"context"
	"sync"
)

// coalesced shares one linearizable read of the revision among all who ask meanwhile. A read under way may
// have been answered before a caller's last write, so who comes while it runs waits for the next, which
// starts when it ends and serves all that came.
type coalesced struct {
	read func(context.Context) (int64, error)

	mu      sync.Mutex
	running bool
	next    *reading
}

type reading struct {
	done chan struct{}
	rev  int64
	err  error
}

func (c *coalesced) get(ctx context.Context) (int64, error) {
	c.mu.Lock()
	if c.next == nil {
		c.next = &reading{done: make(chan struct{})}
	}
	r := c.next
	if !c.running {
		c.running = true
		go c.run()
	}
	c.mu.Unlock()
	select {
	case <-r.done:
		return r.rev, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// run reads for as long as somebody waits. It has a context of its own: the readers' end at different times.
func (c *coalesced) run() {
	for {
		c.mu.Lock()
		r := c.next
		c.next = nil
		c.running = r != nil
		c.mu.Unlock()
		if r == nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), keepAliveTimeout)
		r.rev, r.err = c.read(ctx)
		cancel()
		close(r.done)
	}
}
