package cache

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nave-k8s/nave/store"
)

// history is where a cursor's events come from as long as they are older than the log: a watch of the store,
// from the cursor's revision to the log's floor. Beside it runs a tree, to know what each event changed.
type history struct {
	index *Index
	log   *eventLog
	stop  context.CancelFunc
	ready chan struct{} // has one element when poll may have something new

	mu      sync.Mutex
	room    *sync.Cond
	queue   []*Event
	err     error
	reached int64 // with done: the cursor may go on in the log behind this revision
	done    bool
}

const (
	// historyAhead is how many events the history reads ahead of its cursor.
	historyAhead = 1000
	// historyNudge is how often the store is asked how far the watch is, when nothing comes.
	historyNudge = 20 * time.Millisecond
)

// since starts a history after the revision. *store.CompactedError if the store has forgotten it.
func (i *Index) since(ctx context.Context, after int64) (*history, error) {
	s, err := i.At(ctx, after)
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	log := i.log
	i.mu.Unlock()
	if log == nil {
		return nil, ErrExpired
	}
	h := &history{index: i, log: log, ready: make(chan struct{}, 1)}
	h.room = sync.NewCond(&h.mu)
	run, cancel := context.WithCancel(ctx)
	h.stop = cancel
	context.AfterFunc(run, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.room.Broadcast()
	})
	i.mu.Lock()
	t := s.of.tree.Copy()
	i.mu.Unlock()
	go h.run(run, t, after)
	return h, nil
}

func (h *history) run(ctx context.Context, t *tree, from int64) {
	defer h.stop()
	w := h.index.cache.cfg.Store.Watch(ctx, h.index.prefix, from)
	defer w.Stop()
	nudge := time.NewTicker(historyNudge)
	defer nudge.Stop()
	for {
		select {
		case b, ok := <-w.Batches():
			if !ok {
				h.end(from, w.Err())
				return
			}
			h.put(ctx, h.replay(t, b.Events))
			from = max(from, b.Revision)
			if v := h.log.view.Load(); from >= v.floor || v.closed {
				h.end(from, nil)
				return
			}
		case <-nudge.C:
			w.Progress(ctx)
		case <-ctx.Done():
			h.end(from, ctx.Err())
			return
		}
	}
}

// replay makes events true of the tree, as Index.change does of the index's.
func (h *history) replay(t *tree, events []store.Event) []*Event {
	out := make([]*Event, 0, len(events))
	for _, e := range events {
		if event := h.index.change(t, e); event != nil {
			out = append(out, event)
		}
	}
	return out
}

func (h *history) put(ctx context.Context, events []*Event) {
	if len(events) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.queue) > historyAhead && ctx.Err() == nil {
		h.room.Wait()
	}
	h.queue = append(h.queue, events...)
	h.signal()
}

func (h *history) end(reached int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var compacted *store.CompactedError
	if err != nil && !errors.As(err, &compacted) {
		err = errors.Join(ErrExpired, err)
	}
	h.reached, h.err, h.done = reached, err, true
	h.signal()
}

func (h *history) signal() {
	select {
	case h.ready <- struct{}{}:
	default:
	}
}

// poll takes what there is. done: nothing more will come from here.
func (h *history) poll() (events []*Event, err error, done bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.queue) > 0 {
		events, h.queue = h.queue, nil
		h.room.Signal()
		if h.done {
			h.signal()
		}
		return events, nil, false
	}
	return nil, h.err, h.done
}
