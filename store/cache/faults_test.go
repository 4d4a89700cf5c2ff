package cache_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nave-k8s/nave/store"
)

// faulty is a store whose watches break, and whose answers are late.
type faulty struct {
	store.Store
	// breakAfter is how many batches a watch delivers at most; 0 for no end.
	breakAfter atomic.Int64
	// late delays the answers of Range after they were read.
	late atomic.Int64
	// deaf stops watches from being made until it is false again.
	deaf atomic.Bool

	mu   sync.Mutex
	open map[*breaking]struct{}
}

func newFaulty(s store.Store) *faulty { return &faulty{Store: s, open: map[*breaking]struct{}{}} }

var errBroken = errors.New("broken by the test")

type breaking struct {
	store.Watch
	batches chan store.Batch
	cut     context.CancelFunc
	err     error
}

func (f *faulty) Range(ctx context.Context, r store.Range) (store.Page, error) {
	p, err := f.Store.Range(ctx, r)
	time.Sleep(time.Duration(f.late.Load()))
	return p, err
}

func (f *faulty) Watch(ctx context.Context, prefix string, after int64) store.Watch {
	b := &breaking{batches: make(chan store.Batch)}
	if f.deaf.Load() {
		b.err = errBroken
		b.Watch = f.Store.Watch(ctx, prefix, after)
		b.Watch.Stop()
		close(b.batches)
		return b
	}
	ctx, b.cut = context.WithCancel(ctx)
	b.Watch = f.Store.Watch(ctx, prefix, after)
	f.mu.Lock()
	f.open[b] = struct{}{}
	f.mu.Unlock()
	left := int64(-1)
	if n := f.breakAfter.Load(); n > 0 {
		left = rand.Int64N(n)
	}
	go func() {
		defer close(b.batches)
		defer b.cut()
		for batch := range b.Watch.Batches() {
			if left == 0 {
				b.err = errBroken
				return
			}
			left--
			select {
			case b.batches <- batch:
			case <-ctx.Done():
				b.err = errBroken
				return
			}
		}
		if b.err = b.Watch.Err(); errors.Is(b.err, context.Canceled) {
			b.err = errBroken
		}
	}()
	return b
}

// cutAll breaks every watch.
func (f *faulty) cutAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for b := range f.open {
		b.cut()
		delete(f.open, b)
	}
}

func (b *breaking) Batches() <-chan store.Batch { return b.batches }
func (b *breaking) Err() error                  { return b.err }
