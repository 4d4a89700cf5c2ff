package cache

import (
	"context"
	"time"
)

// past remembers the last few snapshots of former revisions, for the next page of a list.
type past struct{ recent []former }

type former struct {
	snapshot Snapshot
	used     time.Time
}

const (
	pastMost = 8
	pastAge  = time.Minute
)

func (p *past) get(rev int64, now time.Time) (Snapshot, bool) {
	for n := range p.recent {
		if p.recent[n].snapshot.revision == rev {
			p.recent[n].used = now
			return p.recent[n].snapshot, true
		}
	}
	return Snapshot{}, false
}

func (p *past) put(s Snapshot, now time.Time) {
	if _, ok := p.get(s.revision, now); ok {
		return
	}
	if len(p.recent) < pastMost {
		p.recent = append(p.recent, former{s, now})
		return
	}
	oldest := 0
	for n := range p.recent {
		if p.recent[n].used.Before(p.recent[oldest].used) {
			oldest = n
		}
	}
	p.recent[oldest] = former{s, now}
}

func (p *past) tidy(now time.Time) {
	var kept []former
	for _, f := range p.recent {
		if now.Sub(f.used) < pastAge {
			kept = append(kept, f)
		}
	}
	p.recent = kept
}

// At returns the resource as it was at a revision. *store.CompactedError if neither the cache nor the store
// remembers it, *store.FutureError if it is not reached before the context's deadline.
func (i *Index) At(ctx context.Context, rev int64) (Snapshot, error) {
	if _, err := i.atLeast(ctx, rev); err != nil {
		return Snapshot{}, err
	}
	i.mu.Lock()
	if i.state != loaded {
		i.mu.Unlock()
		return i.fetchAt(ctx, rev, nil)
	}
	s, ok := i.past.get(rev, time.Now())
	if !ok {
		s, ok = i.undo(rev)
	}
	known := i.freeze().tree
	i.mu.Unlock()
	if ok {
		return s, nil
	}
	return i.fetchAt(ctx, rev, known)
}

// undo takes back what the log knows to have happened since, false if the log is too short. mu is held.
func (i *Index) undo(rev int64) (Snapshot, bool) {
	v := i.log.view.Load()
	if rev < v.floor {
		return Snapshot{}, false
	}
	since := v.events[v.after(rev)-v.base:]
	f := i.freeze()
	if len(since) == 0 {
		return Snapshot{of: f, prefix: i.prefix, revision: rev}, true
	}
	t := f.tree.Copy()
	for n := len(since) - 1; n >= 0; n-- {
		if e := since[n]; e.Prev == nil {
			t.Delete(e.Entry.Key)
		} else {
			t.Set(e.Prev.Key, e.Prev)
		}
	}
	s := Snapshot{of: &frozen{tree: t, last: rev}, prefix: i.prefix, revision: rev}
	i.past.put(s, time.Now())
	return s, true
}

// fetchAt asks the store, sharing with known, which may be nil, what did not change.
func (i *Index) fetchAt(ctx context.Context, rev int64, known *tree) (Snapshot, error) {
	t, _, err := i.fetch(ctx, rev, known)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{of: &frozen{tree: t, last: rev}, prefix: i.prefix, revision: rev}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.state == loaded {
		i.past.put(s, time.Now())
	}
	return s, nil
}
