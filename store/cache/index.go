package cache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nave-k8s/nave/store"
)

// Index holds one resource: its entries in the order of their keys, and the log of its events.
type Index struct {
	cache  *Cache
	cfg    IndexConfig
	prefix string

	// batch is where the cache collects the index's events of a batch. Only Run touches it.
	batch []store.Event

	// snap is the tree frozen since the last event, nil if nobody has asked for it. It is set under mu and
	// read without.
	snap atomic.Pointer[frozen]

	received atomic.Int64 // events, whether they were kept or not

	mu      sync.Mutex
	state   state
	gone    bool          // the cache no longer feeds it
	loading *load         // while state is loading
	pending []store.Event // what came meanwhile
	tree    *tree
	last    int64 // the revision of the newest event in tree
	log     *eventLog
	past    past
}

type state int8

const (
	unread state = iota
	loading
	loaded
)

// Prefix of the index's keys.
func (i *Index) Prefix() string { return i.prefix }

// Len is how many entries the index holds; 0 if nobody has read it yet.
func (i *Index) Len() int {
	n, _ := i.Held()
	return n
}

// Received is how many changes the database has told of.
func (i *Index) Received() int64 { return i.received.Load() }

// Held returns how many entries the index holds; false if it has not been read.
func (i *Index) Held() (int, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.state != loaded {
		return 0, false
	}
	return i.tree.Len(), true
}

// Latest returns the resource as the cache knows it, at revision min or newer; it waits for the cache to
// reach min. *store.FutureError if the context's deadline comes first.
func (i *Index) Latest(ctx context.Context, min int64) (Snapshot, error) {
	return i.atLeast(ctx, min)
}

// Consistent returns the resource as it is now: with every write acknowledged before the call.
func (i *Index) Consistent(ctx context.Context) (Snapshot, error) {
	rev, err := i.cache.cfg.Store.Revision(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	return i.atLeast(ctx, rev)
}

func (i *Index) atLeast(ctx context.Context, min int64) (Snapshot, error) {
	for {
		s, ok := i.now()
		if !ok {
			if err := i.read(ctx); err != nil {
				return Snapshot{}, err
			}
			continue
		}
		if s.revision >= min {
			return s, nil
		}
		if err := i.cache.reach(ctx, min); err != nil {
			return Snapshot{}, err
		}
	}
}

// now returns the newest snapshot, false if the index has not been read.
//
// Its revision: every event up to the clock is in the tree, because the clock is advanced after the indexes
// are. The tree may already have events beyond the clock. It has all of its resource up to its last, because
// a revision is applied to an index at once. So it is exact at the greater of the two, provided that the
// clock is read before the tree.
func (i *Index) now() (Snapshot, bool) {
	clock := i.cache.Revision()
	f := i.snap.Load()
	if f == nil {
		i.mu.Lock()
		if i.state != loaded {
			i.mu.Unlock()
			return Snapshot{}, false
		}
		f = i.freeze()
		i.mu.Unlock()
	}
	return Snapshot{of: f, prefix: i.prefix, revision: max(clock, f.last)}, true
}

// freeze returns the tree as it is. mu is held.
func (i *Index) freeze() *frozen {
	f := i.snap.Load()
	if f == nil {
		f = &frozen{tree: i.tree.Copy(), last: i.last}
		i.snap.Store(f)
	}
	return f
}

// apply takes a batch's events of this index, whole revisions in order.
func (i *Index) apply(events []store.Event, now time.Time) {
	i.received.Add(int64(len(events)))
	i.mu.Lock()
	defer i.mu.Unlock()
	switch i.state {
	case loading:
		i.pending = append(i.pending, events...)
	case loaded:
		i.write(events, now)
	}
}

// write puts events into tree and log. mu is held.
func (i *Index) write(events []store.Event, now time.Time) {
	seen := i.last
	fresh := make([]*Event, 0, len(events))
	for _, e := range events {
		if e.Revision <= seen { // the index was read after it
			continue
		}
		if out := i.change(i.tree, e); out != nil {
			fresh = append(fresh, out)
		}
		i.last = e.Revision
	}
	if len(fresh) == 0 {
		return
	}
	i.snap.Store(nil)
	i.log.append(fresh, now)
}

// change makes one event true of a tree and returns what watchers see of it.
func (i *Index) change(t *tree, e store.Event) *Event {
	if e.Type == store.Delete {
		prev, ok := t.Delete(e.Key)
		if !ok {
			return nil
		}
		return deleted(prev, e.Revision)
	}
	prev, ok := t.Get(e.Key)
	entry := &Entry{Key: e.Key, Value: e.Value, Revision: e.Revision, index: i}
	if !ok {
		t.Set(entry.Key, entry)
		return &Event{Type: Added, Entry: entry, Revision: e.Revision}
	}
	entry.Key = prev.Key // the same text, once in memory
	t.Set(entry.Key, entry)
	return &Event{Type: Modified, Entry: entry, Prev: prev, Revision: e.Revision}
}

func deleted(prev *Entry, revision int64) *Event {
	gone := &Entry{Key: prev.Key, Value: prev.Value, Revision: revision, index: prev.index}
	gone.labels.Store(prev.labels.Load())
	gone.fields.Store(prev.fields.Load())
	return &Event{Type: Deleted, Entry: gone, Prev: prev, Revision: revision}
}

// reset forgets everything, because events were lost; the next reader reads the store again. With gone there
// is no next.
func (i *Index) reset(gone bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pending, i.gone = nil, i.gone || gone
	if i.state != loaded {
		return // who loads sees that the feed is another
	}
	i.state, i.tree, i.last, i.past = unread, nil, 0, past{}
	i.snap.Store(nil)
	i.log.close()
	i.log = nil
}
