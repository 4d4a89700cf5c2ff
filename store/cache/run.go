package cache

import (
	"context"
	"errors"
	"time"

	"github.com/nave-k8s/nave/store"
)

const (
	retryFirst = 20 * time.Millisecond
	retryMost  = 2 * time.Second
	// tidyEvery is how often logs and old snapshots are looked through for what has grown too old.
	tidyEvery = 15 * time.Second
)

// Run feeds the cache until the context ends, and returns the context's error. When the store is away it
// tries again, and goes on where it was; nothing is lost or doubled. When the store has compacted what the
// cache has not seen, everything is read again and open cursors end with ErrExpired.
func (c *Cache) Run(ctx context.Context) error {
	wait := retryFirst
	for began := false; ; {
		if !began {
			began = c.begin(ctx)
		}
		if began {
			progress, err := c.follow(ctx)
			if progress {
				wait = retryFirst
			}
			var compacted *store.CompactedError
			if errors.As(err, &compacted) {
				c.cfg.Log.Warn("events were lost: the store has compacted them; reading everything again", "revision", c.Revision())
				c.restart()
				began = false
			} else if ctx.Err() == nil {
				c.cfg.Log.Warn("the store's watch ended; trying again", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, retryMost)
	}
}

// begin sets the clock to the store's revision, from which follow watches.
func (c *Cache) begin(ctx context.Context) bool {
	rev, err := c.cfg.Store.Revision(ctx)
	if err != nil {
		if ctx.Err() == nil {
			c.cfg.Log.Warn("the store does not answer", "err", err)
		}
		return false
	}
	c.clock.advance(rev)
	close(c.feed.Load().open)
	return true
}

// restart ends the feed, and with it all that was read from it.
func (c *Cache) restart() {
	c.feed.Store(&feed{open: make(chan struct{})})
	for _, i := range c.all() {
		i.reset(false)
	}
}

// follow applies what the watch delivers until it ends, and tells why, and whether it delivered anything.
func (c *Cache) follow(ctx context.Context) (progress bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := c.cfg.Store.Watch(ctx, c.cfg.Prefix, c.Revision())
	defer w.Stop()
	c.watch.Store(&w)
	defer c.watch.Store(nil)
	tidy := time.NewTicker(tidyEvery)
	defer tidy.Stop()
	for {
		select {
		case b, ok := <-w.Batches():
			if !ok {
				return progress, w.Err()
			}
			progress = true
			c.apply(b)
		case now := <-tidy.C:
			c.tidy(now)
		}
	}
}

// apply hands a batch to its indexes, each its part in one piece, and then advances the clock.
func (c *Cache) apply(b store.Batch) {
	if len(b.Events) > 0 {
		now := time.Now()
		var touched []*Index
		c.mu.RLock()
		for _, e := range b.Events {
			c.route(e.Key, func(i *Index) {
				if len(i.batch) == 0 {
					touched = append(touched, i)
				}
				i.batch = append(i.batch, e)
			})
		}
		c.mu.RUnlock()
		for _, i := range touched {
			i.apply(i.batch, now)
			clear(i.batch)
			i.batch = i.batch[:0]
		}
	}
	c.clock.advance(b.Revision)
}

// tidy drops what is too old.
func (c *Cache) tidy(now time.Time) {
	for _, i := range c.all() {
		i.tidy(now)
	}
}

func (i *Index) tidy(now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.state != loaded {
		return
	}
	i.log.tidy(now)
	i.past.tidy(now)
}
