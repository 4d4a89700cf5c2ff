package memory

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync/atomic"

	"github.com/nave-k8s/nave/store"
)

// watch reads the store's log at its own pace.
type watch struct {
	store   *Store
	ctx     context.Context
	cancel  context.CancelFunc
	prefix  string
	batches chan store.Batch
	asked   chan struct{} // has one element when progress is wanted
	err     atomic.Pointer[error]
}

// Watch implements store.Store.
func (s *Store) Watch(ctx context.Context, prefix string, after int64) store.Watch {
	w := &watch{store: s, prefix: prefix, batches: make(chan store.Batch, 4), asked: make(chan struct{}, 1)}
	w.ctx, w.cancel = context.WithCancel(ctx)
	go w.run(after)
	return w
}

func (w *watch) run(after int64) {
	defer w.cancel()
	defer close(w.batches)
	for progress := false; ; {
		events, rev, changed, err := w.store.since(after, w.prefix)
		if err != nil {
			w.err.Store(&err)
			return
		}
		if len(events) > 0 || progress {
			progress = false
			select {
			case w.batches <- store.Batch{Events: events, Revision: rev}:
			case <-w.ctx.Done():
			}
		}
		after = max(after, rev)
		select {
		case <-changed:
		case <-w.asked:
			progress = true
		case <-w.store.ended.Done():
			err := fmt.Errorf("%w: the store is closed", store.ErrUnavailable)
			w.err.Store(&err)
			return
		case <-w.ctx.Done():
			err := w.ctx.Err()
			w.err.Store(&err)
			return
		}
	}
}

// since returns the events after the revision, the store's revision, and a channel that is closed when there
// is more.
func (s *Store) since(after int64, prefix string) ([]store.Event, int64, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if after+1 < s.compacted {
		return nil, 0, nil, &store.CompactedError{Oldest: s.compacted}
	}
	first := sort.Search(len(s.log), func(n int) bool { return s.log[n].Revision > after })
	var events []store.Event
	for _, e := range s.log[first:] {
		if strings.HasPrefix(e.Key, prefix) {
			events = append(events, e)
		}
	}
	return events, s.rev, s.changed, nil
}

// Batches implements store.Watch.
func (w *watch) Batches() <-chan store.Batch { return w.batches }

// Progress implements store.Watch.
func (w *watch) Progress(context.Context) error {
	select {
	case w.asked <- struct{}{}:
	default:
	}
	return w.ctx.Err()
}

// Err implements store.Watch.
func (w *watch) Err() error {
	if err := w.err.Load(); err != nil {
		return *err
	}
	return nil
}

// Stop implements store.Watch.
func (w *watch) Stop() { w.cancel() }
