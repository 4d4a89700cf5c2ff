package cache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
	"github.com/nave-k8s/nave/store/compact"
)

func TestConsistentSeesEveryAcknowledgedWrite(t *testing.T) {
	for name, open := range map[string]func(*testing.T) store.Store{
		"memory": newMemory, "etcd": func(t *testing.T) store.Store { return embedded(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), cache.Config{})
			w.store.breakAfter.Store(200)
			second := w.another(cache.Config{}).Index(cache.IndexConfig{Key: "pods"})
			var wg sync.WaitGroup
			for n := range 4 {
				wg.Go(func() {
					for m := range 60 {
						key := fmt.Sprintf("%spods/default/%d-%d", prefix, n, m)
						rev, err := w.store.Create(w.ctx, key, []byte("x"), 0)
						if err != nil {
							t.Error(err)
							return
						}
						for who, i := range map[string]*cache.Index{"first": w.pods, "second": second} {
							s, err := i.Consistent(w.ctx)
							if err != nil {
								t.Error(err)
								return
							}
							if e := s.Get(key); e == nil || e.Revision != rev || s.Revision() < rev {
								t.Errorf("%s cache at %d: %v, wrote %d", who, s.Revision(), e, rev)
							}
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// TestConsistentWhenNothingOfOursChanged: the newest revision is a compaction's, which no watch tells.
func TestConsistentWhenNothingOfOursChanged(t *testing.T) {
	for name, open := range map[string]func(*testing.T) store.Store{
		"memory": newMemory, "etcd": func(t *testing.T) store.Store { return embedded(t) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, open(t), cache.Config{})
			w.writer("a", 5)
			if _, err := w.pods.Consistent(w.ctx); err != nil {
				t.Fatal(err)
			}
			if err := compact.New(w.store, nil).Turn(w.ctx); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			s, err := w.pods.Consistent(w.ctx)
			if err != nil {
				t.Fatal(err)
			}
			rev, _ := w.store.Revision(w.ctx)
			if s.Revision() < rev {
				t.Errorf("at %d, the store is at %d", s.Revision(), rev)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestSnapshotIsExactAtItsRevision(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.writer("a", 2000)
	}()
	var taken []cache.Snapshot
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		s, err := w.pods.Latest(w.ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(taken) < 200 {
			taken = append(taken, s)
		}
	}
	for _, s := range taken {
		if got, want := text(contents(s)), text(w.at(s.Revision())); got != want {
			t.Fatalf("at %d:\n%s\nwant:\n%s", s.Revision(), got, want)
		}
	}
}

func TestAtEqualsReplay(t *testing.T) {
	for name, open := range map[string]func(*testing.T) store.Store{
		"memory": newMemory, "etcd": func(t *testing.T) store.Store { return embedded(t) },
	} {
		for _, log := range []int{10000, 50} { // the second leaves most to the store
			t.Run(fmt.Sprint(name, " log of ", log), func(t *testing.T) {
				w := newWorld(t, open(t), cache.Config{LogEvents: log})
				start, _ := w.store.Revision(w.ctx)
				if _, err := w.pods.Latest(w.ctx, 0); err != nil {
					t.Fatal(err)
				}
				w.writer("a", 200)
				end, _ := w.store.Revision(w.ctx)
				var wg sync.WaitGroup
				wg.Go(func() { w.writer("b", 100) })
				for range 4 {
					wg.Go(func() {
						for range 40 {
							rev := start + rand.Int64N(end-start+1)
							s, err := w.pods.At(w.ctx, rev)
							if err != nil {
								t.Error(err)
								return
							}
							if got, want := text(contents(s)), text(w.at(rev)); got != want || s.Revision() != rev {
								t.Errorf("at %d, %d:\n%s\nwant:\n%s", rev, s.Revision(), got, want)
							}
						}
					})
				}
				wg.Wait()
			})
		}
	}
}

func TestAtOfWhatIsForgottenOrNotYet(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{LogEvents: 5})
	if _, err := w.pods.Latest(w.ctx, 0); err != nil {
		t.Fatal(err)
	}
	w.writer("a", 50)
	rev := w.caughtUp()
	if err := w.store.Compact(w.ctx, rev-20); err != nil {
		t.Fatal(err)
	}
	var compacted *store.CompactedError
	if _, err := w.pods.At(w.ctx, rev-30); !errors.As(err, &compacted) {
		t.Errorf("got %v, want a CompactedError", err)
	}
	if _, err := w.pods.At(w.ctx, rev-10); err != nil {
		t.Errorf("the store has it: %v", err)
	}
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Millisecond)
	defer cancel()
	var future *store.FutureError
	if _, err := w.pods.At(ctx, rev+1000); !errors.As(err, &future) || future.Current != rev {
		t.Errorf("got %v %+v, want a FutureError", err, future)
	}
	if _, err := w.pods.Latest(ctx, rev+1000); !errors.As(err, &future) || future.Current != rev {
		t.Errorf("got %v %+v, want a FutureError", err, future)
	}
}

func TestLatestWaits(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{})
	rev, _ := w.store.Revision(w.ctx)
	got := make(chan int64)
	go func() {
		s, err := w.pods.Latest(w.ctx, rev+5)
		if err != nil {
			t.Error(err)
		}
		got <- s.Revision()
	}()
	w.writer("a", 5)
	if s := <-got; s < rev+5 {
		t.Errorf("got %d, want %d", s, rev+5)
	}
}

func TestReadBeforeTheCacheRuns(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	c := cache.New(cache.Config{Store: newMemory(t), Prefix: prefix})
	_, err := c.Index(cache.IndexConfig{Key: "pods"}).Latest(ctx, 0)
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}
