package etcd

import (
	"context"

	"github.com/nave-k8s/nave/store"
)

// watch is the store.Watch of both engines: they send, and call end once.
type watch struct {
	ctx      context.Context
	cancel   context.CancelFunc
	batches  chan store.Batch
	progress func(context.Context) error
	err      error // written before batches is closed
}

func newWatch(ctx context.Context) *watch {
	w := &watch{batches: make(chan store.Batch, 4)}
	w.ctx, w.cancel = context.WithCancel(ctx)
	return w
}

func (w *watch) send(b store.Batch) bool {
	select {
	case w.batches <- b:
		return true
	case <-w.ctx.Done():
		return false
	}
}

func (w *watch) end(err error) {
	w.err = err
	close(w.batches)
	w.cancel()
}

// Batches implements store.Watch.
func (w *watch) Batches() <-chan store.Batch { return w.batches }

// Progress implements store.Watch. A watch that is still behind does not answer: it has events to send.
func (w *watch) Progress(ctx context.Context) error {
	if w.progress == nil || w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	return w.progress(ctx)
}

// Err implements store.Watch. It is valid once Batches is closed.
func (w *watch) Err() error { return w.err }

// Stop implements store.Watch.
func (w *watch) Stop() { w.cancel() }
