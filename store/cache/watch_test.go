package cache_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
)

// run has writers write and watchers watch, begun at different times, and compares what the watchers have
// in the end, and the snapshot, with what was written.
func (w *world) run(writers, changes, watchers int, mayExpire bool, meanwhile func()) {
	w.Helper()
	var end atomic.Int64
	var watching, writing sync.WaitGroup
	for n := range writers {
		writing.Go(func() { w.writer(fmt.Sprint("w", n), changes) })
	}
	check := func(who string, state map[string]string, upTo int64) {
		if got, want := text(state), text(w.at(upTo)); got != want {
			w.Errorf("%s, at %d:\n%s\nwant:\n%s", who, upTo, got, want)
		}
	}
	for n := range watchers {
		watching.Go(func() {
			time.Sleep(time.Duration(n) * time.Millisecond)
			state, upTo := w.watcher(w.pods, end.Load, mayExpire)
			check(fmt.Sprint("watcher ", n), state, upTo)
		})
	}
	stop := make(chan struct{})
	var other sync.WaitGroup
	if meanwhile != nil {
		other.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(3 * time.Millisecond):
					meanwhile()
				}
			}
		})
	}
	writing.Wait()
	rev, err := w.store.Revision(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	end.Store(rev)
	watching.Wait()
	close(stop)
	other.Wait()
	s, err := w.pods.Consistent(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	check("snapshot", contents(s), s.Revision())
}

func TestWatchersLoseAndDoubleNothing(t *testing.T) {
	t.Run("in peace", func(t *testing.T) {
		newWorld(t, newMemory(t), cache.Config{}).run(4, 300, 20, false, nil)
	})
	t.Run("embedded etcd", func(t *testing.T) {
		newWorld(t, embedded(t), cache.Config{}).run(4, 200, 20, false, nil)
	})
	t.Run("watches that break", func(t *testing.T) {
		w := newWorld(t, newMemory(t), cache.Config{})
		w.store.breakAfter.Store(20)
		w.store.late.Store(int64(2 * time.Millisecond))
		w.run(4, 300, 20, false, w.store.cutAll)
	})
	t.Run("embedded etcd, watches that break", func(t *testing.T) {
		w := newWorld(t, embedded(t), cache.Config{})
		w.store.breakAfter.Store(20)
		w.run(4, 100, 10, false, func() {
			time.Sleep(250 * time.Millisecond) // etcd looks for watches that are behind every 100 ms
			w.store.cutAll()
		})
	})
	t.Run("a short log", func(t *testing.T) {
		w := newWorld(t, newMemory(t), cache.Config{LogEvents: 10})
		w.run(4, 300, 20, true, nil)
	})
	t.Run("events are compacted away", func(t *testing.T) {
		w := newWorld(t, newMemory(t), cache.Config{})
		w.run(4, 300, 20, true, func() {
			w.store.deaf.Store(true)
			w.store.cutAll()
			time.Sleep(5 * time.Millisecond)
			if rev, err := w.store.Revision(w.ctx); err == nil {
				w.store.Compact(w.ctx, rev)
			}
			w.store.deaf.Store(false)
			time.Sleep(10 * time.Millisecond)
		})
	})
	t.Run("the index is forgotten", func(t *testing.T) {
		w := newWorld(t, newMemory(t), cache.Config{})
		c := w.cursor(w.pods, 0)
		w.cache.Forget("pods")
		if _, _, err := c.Next(w.ctx); !errors.Is(err, cache.ErrExpired) {
			t.Errorf("got %v, want ErrExpired", err)
		}
		if _, err := w.pods.Latest(w.ctx, 0); !errors.Is(err, cache.ErrForgotten) {
			t.Errorf("got %v, want ErrForgotten", err)
		}
		if _, err := w.pods.Watch(w.ctx, 1); !errors.Is(err, cache.ErrForgotten) {
			t.Errorf("got %v, want ErrForgotten", err)
		}
		w.pods = w.cache.Index(cache.IndexConfig{Key: "pods"})
		w.run(2, 50, 5, false, nil)
	})
}

// caughtUp returns when the cache has seen what was written, with the revision.
func (w *world) caughtUp() int64 {
	w.Helper()
	s, err := w.pods.Consistent(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	return s.Revision()
}

func (w *world) cursor(i *cache.Index, after int64) *cache.Cursor {
	w.Helper()
	if after == 0 {
		s, err := i.Latest(w.ctx, 0)
		if err != nil {
			w.Fatal(err)
		}
		after = s.Revision()
	}
	c, err := i.Watch(w.ctx, after)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(c.Close)
	return c
}

// TestWatchFromTheStoresMemory watches from revisions that the log no longer has, while more is written.
func TestWatchFromTheStoresMemory(t *testing.T) {
	for name, open := range map[string]func(*testing.T) store.Store{
		"memory": newMemory, "etcd": func(t *testing.T) store.Store { return embedded(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), cache.Config{LogEvents: 40})
			start, err := w.store.Revision(w.ctx)
			if err != nil {
				t.Fatal(err)
			}
			w.cursor(w.pods, 0)
			w.writer("early", 200)
			w.caughtUp()
			var end atomic.Int64
			var watching sync.WaitGroup
			for n := range 8 {
				watching.Go(func() {
					from := start + int64(n)*20
					c, err := w.pods.Watch(w.ctx, from)
					if err != nil {
						t.Error(err)
						return
					}
					defer c.Close()
					state := w.at(from)
					upTo, err := w.follow(c, state, from, end.Load)
					if errors.Is(err, cache.ErrExpired) && n < 7 {
						return // the log is short, and it may be slow
					}
					if err != nil {
						t.Error(err)
					}
					if got, want := text(state), text(w.at(upTo)); got != want {
						t.Errorf("from %d to %d:\n%s\nwant:\n%s", from, upTo, got, want)
					}
				})
			}
			time.Sleep(150 * time.Millisecond) // etcd looks for watches that are behind every 100 ms
			w.writer("late", 30)
			rev, _ := w.store.Revision(w.ctx)
			end.Store(rev)
			watching.Wait()
		})
	}
}

func TestWatchOfWhatNobodyRemembers(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{LogEvents: 5})
	w.cursor(w.pods, 0)
	w.writer("a", 100)
	rev := w.caughtUp()
	if err := w.store.Compact(w.ctx, rev-2); err != nil {
		t.Fatal(err)
	}
	_, err := w.pods.Watch(w.ctx, 5)
	var compacted *store.CompactedError
	if !errors.As(err, &compacted) {
		t.Errorf("got %v, want a CompactedError", err)
	}
}

func TestSlowCursorExpires(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{LogEvents: 10})
	slow, quick := w.cursor(w.pods, 0), w.cursor(w.pods, 0)
	state := map[string]string{}
	for n := range 30 {
		w.writer(fmt.Sprint(n), 1)
		rev, _ := w.store.Revision(w.ctx)
		if _, err := w.follow(quick, state, rev-1, func() int64 { return rev }); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := slow.Next(w.ctx); !errors.Is(err, cache.ErrExpired) {
		t.Errorf("got %v, want ErrExpired", err)
	}
	select {
	case <-slow.Ready():
	case <-time.After(time.Second):
		t.Error("an expired cursor is not ready")
	}
}

func TestCursorOfTheFutureIsSilent(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{})
	rev, _ := w.store.Revision(w.ctx)
	c := w.cursor(w.pods, rev+3)
	w.writer("a", 3)
	if _, err := w.pods.Consistent(w.ctx); err != nil {
		t.Fatal(err)
	}
	if events, _, err := c.Poll(); len(events) != 0 || err != nil {
		t.Errorf("got %d events, %v", len(events), err)
	}
	w.writer("b", 1)
	events, _, err := c.Next(w.ctx)
	if err != nil || len(events) != 1 || events[0].Revision != rev+4 {
		t.Errorf("got %v, %v", events, err)
	}
}

func TestNextTellsHowFarItIsWhenNothingCame(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{})
	c := w.cursor(w.pods, 0)
	written := make(chan int64, 1)
	go func() {
		time.Sleep(10 * time.Millisecond)
		rev, err := w.store.Create(w.ctx, prefix+"nodes/a", nil, 0)
		if err != nil {
			t.Error(err)
		}
		written <- rev
	}()
	ctx, cancel := context.WithTimeout(w.ctx, 300*time.Millisecond)
	defer cancel()
	events, upTo, err := c.Next(ctx)
	if rev := <-written; len(events) != 0 || !errors.Is(err, context.DeadlineExceeded) || upTo != rev {
		t.Errorf("%d events up to %d, %v, want up to %d", len(events), upTo, err, rev)
	}
}
