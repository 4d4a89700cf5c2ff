package cache

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nave-k8s/nave/store"
)

// Cache is the watch cache of a store. Make one with New and have Run running.
type Cache struct {
	cfg    Config
	clock  clock
	budget budget
	watch  atomic.Pointer[store.Watch] // the one that feeds the cache, for requests of progress

	mu      sync.RWMutex
	indexes map[string]*Index
	depth   int // the most segments that an index's key has

	feed atomic.Pointer[feed] // what the indexes can rely on now
}

// feed is one unbroken run of events. When events were lost, a new one begins and nothing of the old is
// worth keeping.
type feed struct {
	open chan struct{} // closed when the watch has begun: what is read later than that misses nothing
}

// New returns a cache of the store. It serves once Run runs.
func New(cfg Config) *Cache {
	cfg = cfg.withDefaults()
	c := &Cache{cfg: cfg, budget: budget{limit: cfg.EncodedBytes}, indexes: map[string]*Index{}}
	c.feed.Store(&feed{open: make(chan struct{})})
	return c
}

// Revision is the clock: what happened up to it, the cache knows.
func (c *Cache) Revision() int64 { return c.clock.now.Load() }

// Index returns the index of a resource, making it if there is none; of two configurations with one key the
// first wins. It costs nothing until the resource is read.
func (c *Cache) Index(cfg IndexConfig) *Index {
	c.mu.RLock()
	i := c.indexes[cfg.Key]
	c.mu.RUnlock()
	if i != nil {
		return i
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := c.indexes[cfg.Key]; i != nil {
		return i
	}
	i = &Index{cache: c, cfg: cfg, prefix: c.cfg.Prefix + cfg.Key + "/"}
	c.indexes[cfg.Key] = i
	c.depth = max(c.depth, 1+strings.Count(cfg.Key, "/"))
	return i
}

// Forget drops the index of a resource that is no longer served. Its cursors end with
// ErrExpired, its other readers with ErrForgotten.
func (c *Cache) Forget(key string) {
	c.mu.Lock()
	i := c.indexes[key]
	delete(c.indexes, key)
	c.mu.Unlock()
	if i != nil {
		i.reset(true)
	}
}

// route calls fn for the indexes that hold the key. There is one, unless one resource's keys begin with
// another's.
func (c *Cache) route(key string, fn func(*Index)) {
	rest, ok := strings.CutPrefix(key, c.cfg.Prefix)
	if !ok {
		return
	}
	end := 0
	for range c.depth {
		slash := strings.IndexByte(rest[end:], '/')
		if slash < 0 {
			return
		}
		end += slash
		if i := c.indexes[rest[:end]]; i != nil {
			fn(i)
		}
		end++
	}
}

// all returns the indexes. Not to be held on to, and not under a lock: indexes have locks of their own.
func (c *Cache) all() []*Index {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Collect(maps.Values(c.indexes))
}

// A clock that is behind is nudged: after a moment, in which events that are on their way arrive, and
// then ever again, the store is asked how far the watch is. It is needed when the newest revision touched
// no key under the prefix, as a compaction's does.
const (
	firstNudge = 2 * time.Millisecond
	nextNudge  = 50 * time.Millisecond
)

// reach waits for the clock as long as the context lasts. *store.FutureError if it does not get there in
// time.
func (c *Cache) reach(ctx context.Context, rev int64) error {
	if c.Revision() >= rev {
		return nil
	}
	met, leave := c.clock.join(rev)
	defer leave()
	nudge := time.NewTimer(firstNudge)
	defer nudge.Stop()
	for {
		select {
		case <-met:
			return nil
		case <-ctx.Done():
			return c.late(ctx)
		case <-nudge.C:
			if w := c.watch.Load(); w != nil {
				(*w).Progress(ctx) // a broken watch ends by itself
			}
			nudge.Reset(nextNudge)
		}
	}
}

// late is the error of a context that ended while waiting for the clock.
func (c *Cache) late(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &store.FutureError{Current: c.Revision()}
	}
	return ctx.Err()
}
