package cache

import (
	"context"
)

// Cursor is a watcher's position in a resource's events. It is not safe for use by several goroutines, and
// costs nothing while nothing happens.
type Cursor struct {
	index *Index
	log   *eventLog
	next  int64 // the number of the event that it has not seen
	after int64 // it wants none up to this revision
	upTo  int64 // it has seen everything up to here

	history *history // where events come from that are older than the log; nil once past them
}

// Watch returns a cursor that stands after the revision. A revision that the cache does not know any more is
// asked of the store, for as long as the context lasts or until Close; *store.CompactedError if that does not
// know it either. One in the future is waited for.
func (i *Index) Watch(ctx context.Context, after int64) (*Cursor, error) {
	for {
		i.mu.Lock()
		log := i.log
		i.mu.Unlock()
		if log == nil {
			if err := i.read(ctx); err != nil {
				return nil, err
			}
			continue
		}
		c := &Cursor{index: i, log: log, after: after, upTo: after}
		if c.join(after) {
			return c, nil
		}
		h, err := i.since(ctx, after)
		if err != nil {
			return nil, err
		}
		c.history = h
		return c, nil
	}
}

// join puts the cursor into the log behind the revision, false if the log does not reach back so far.
func (c *Cursor) join(rev int64) bool {
	v := c.log.view.Load()
	if rev < v.floor {
		return false
	}
	c.next = v.after(rev)
	return true
}

// Poll returns what there is beyond the position, and moves behind it; and the revision up to which the
// cursor has now seen everything, whether or not there was anything. The slice is the log's own. ErrExpired
// ends the cursor.
func (c *Cursor) Poll() (events []*Event, upTo int64, err error) {
	if c.history != nil {
		events, err, done := c.history.poll()
		if err != nil {
			return nil, c.upTo, err
		}
		if len(events) > 0 {
			c.upTo = events[len(events)-1].Revision
			return events, c.upTo, nil
		}
		if !done {
			return nil, c.upTo, nil
		}
		at := c.history.reached
		c.history = nil
		if !c.join(at) {
			return nil, c.upTo, ErrExpired
		}
	}
	// The clock before the log: see Index.now.
	clock := c.index.cache.Revision()
	v := c.log.view.Load()
	if v.closed || c.next < v.base {
		return nil, c.upTo, ErrExpired
	}
	events = v.events[c.next-v.base:]
	c.next += int64(len(events))
	for len(events) > 0 && events[0].Revision <= c.after {
		events = events[1:]
	}
	c.upTo = max(c.upTo, clock)
	if len(events) > 0 {
		c.upTo = max(c.upTo, events[len(events)-1].Revision)
	}
	return events, c.upTo, nil
}

// Ready returns a channel that receives, or is closed, when Poll may have something new. It is good for one
// wait.
func (c *Cursor) Ready() <-chan struct{} {
	if c.history != nil {
		return c.history.ready
	}
	v := c.log.view.Load()
	if v.closed || c.next != v.base+int64(len(v.events)) {
		return alreadyClosed
	}
	return c.log.changed(v)
}

// Next returns what there is beyond the position, waiting until there is something. When the context ends
// first it returns the context's error, and up to where the cursor has by then seen everything.
func (c *Cursor) Next(ctx context.Context) (events []*Event, upTo int64, err error) {
	for {
		events, upTo, err = c.Poll()
		if err != nil || len(events) > 0 {
			return events, upTo, err
		}
		select {
		case <-c.Ready():
		case <-ctx.Done():
			events, upTo, err = c.Poll() // the clock may have moved without an event
			if err != nil || len(events) > 0 {
				return events, upTo, err
			}
			return nil, upTo, ctx.Err()
		}
	}
}

// Close ends what the cursor still has running.
func (c *Cursor) Close() {
	if c.history != nil {
		c.history.stop()
	}
}
