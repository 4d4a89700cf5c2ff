package cache

import (
	"sync"
	"sync/atomic"
)

// clock is the revision up to which every index has every event, and those who wait for it.
type clock struct {
	now atomic.Int64

	waiting atomic.Int64
	mu      sync.Mutex
	waiters map[*waiter]struct{}
}

type waiter struct {
	want int64
	met  chan struct{}
}

// advance moves the clock, never back.
func (c *clock) advance(to int64) {
	if to <= c.now.Load() {
		return
	}
	c.now.Store(to)
	if c.waiting.Load() == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := range c.waiters {
		if w.want <= to {
			close(w.met)
			c.forget(w)
		}
	}
}

// join returns a channel that is closed once the clock has reached the revision, and what to call if one no
// longer waits.
func (c *clock) join(rev int64) (met <-chan struct{}, leave func()) {
	w := &waiter{want: rev, met: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiters == nil {
		c.waiters = map[*waiter]struct{}{}
	}
	c.waiters[w] = struct{}{}
	c.waiting.Add(1)
	if c.now.Load() >= rev { // it moved before it could see the waiter
		close(w.met)
		c.forget(w)
	}
	return w.met, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.forget(w)
	}
}

func (c *clock) forget(w *waiter) {
	if _, ok := c.waiters[w]; ok {
		delete(c.waiters, w)
		c.waiting.Add(-1)
	}
}
