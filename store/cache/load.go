package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nave-k8s/nave/store"
)

// loadPage is how many keys are asked of the store at once. More would make a cluster's answers large.
const loadPage = 5000

// loadTimeout bounds reading one resource from the store, however long its readers would wait.
const loadTimeout = 2 * time.Minute

// load is one reading of a resource, shared by all who wait for it.
type load struct {
	done chan struct{}
	err  error
}

// read makes the index loaded, or waits for who does.
func (i *Index) read(ctx context.Context) error {
	i.mu.Lock()
	if i.gone {
		i.mu.Unlock()
		return ErrForgotten
	}
	if i.state == loaded {
		i.mu.Unlock()
		return nil
	}
	l := i.loading
	if l == nil {
		l = &load{done: make(chan struct{})}
		i.loading = l
		// In a goroutine of its own, so that no reader's end is the end of all.
		go i.load(l)
	}
	i.mu.Unlock()
	select {
	case <-l.done:
		return l.err
	case <-ctx.Done():
		return fmt.Errorf("read %s: %w: %w", i.prefix, store.ErrUnavailable, ctx.Err())
	}
}

func (i *Index) load(l *load) {
	ctx, cancel := context.WithTimeout(context.Background(), loadTimeout)
	defer cancel()
	for {
		again, err := i.tryLoad(ctx)
		if again {
			continue
		}
		i.mu.Lock()
		i.loading, l.err = nil, err
		if err != nil {
			i.state, i.pending = unread, nil
		}
		i.mu.Unlock()
		close(l.done)
		return
	}
}

// tryLoad reads the store and catches up with what came meanwhile. Nothing is missed: events are kept from
// before the reading, which is newer than anything that came earlier; and the watch began before it too.
// again tells that the feed was replaced meanwhile, or the store compacted.
func (i *Index) tryLoad(ctx context.Context) (again bool, err error) {
	feed := i.cache.feed.Load()
	select {
	case <-feed.open:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	i.mu.Lock()
	i.state, i.pending = loading, nil
	i.mu.Unlock()

	t, rev, err := i.fetch(ctx, 0, nil)
	var compacted *store.CompactedError
	if errors.As(err, &compacted) {
		return true, nil
	}
	if err != nil {
		return false, err
	}

	i.mu.Lock()
	defer i.mu.Unlock()
	if i.cache.feed.Load() != feed {
		return true, nil
	}
	if i.gone {
		return false, ErrForgotten
	}
	pending := i.pending
	i.state, i.pending = loaded, nil
	i.tree, i.last = t, rev
	i.snap.Store(nil)
	i.log = newLog(i.cache.cfg, rev)
	i.write(pending, time.Now())
	return false, nil
}

// fetch reads the resource from the store at a revision, 0 for now. Entries that known has too are shared.
func (i *Index) fetch(ctx context.Context, rev int64, known *tree) (*tree, int64, error) {
	t := new(tree)
	r := store.Range{Prefix: i.prefix, Limit: loadPage, Revision: rev}
	for {
		page, err := i.cache.cfg.Store.Range(ctx, r)
		if err != nil {
			return nil, 0, err
		}
		r.Revision = page.Revision
		for _, kv := range page.Items {
			e := shared(known, kv)
			if e == nil {
				e = &Entry{Key: kv.Key, Value: kv.Value, Revision: kv.Revision, index: i}
			}
			t.Load(e.Key, e)
		}
		if !page.More || len(page.Items) == 0 {
			return t, page.Revision, nil
		}
		r.From = page.Items[len(page.Items)-1].Key + "\x00"
	}
}

func shared(known *tree, kv store.KeyValue) *Entry {
	if known == nil {
		return nil
	}
	if e, ok := known.Get(kv.Key); ok && e.Revision == kv.Revision {
		return e
	}
	return nil
}
