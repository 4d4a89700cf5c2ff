package cache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
	"github.com/nave-k8s/nave/store/memory"
)

// world is a store with writers, who write down what they did, and a cache of it.
type world struct {
	*testing.T
	ctx   context.Context
	store *faulty
	cache *cache.Cache
	pods  *cache.Index

	mu      sync.Mutex
	changes map[int64]change // by revision
}

type change struct{ key, value string } // value "" is a deletion

const prefix = "/registry/"

func newWorld(t *testing.T, s store.Store, cfg cache.Config) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	w := &world{T: t, ctx: ctx, store: newFaulty(s), changes: map[int64]change{}}
	w.cache = w.another(cfg)
	w.pods = w.cache.Index(cache.IndexConfig{Key: "pods"})
	return w
}

// another runs one more cache of the world's store.
func (w *world) another(cfg cache.Config) *cache.Cache {
	cfg.Store, cfg.Prefix = w.store, prefix
	c := cache.New(cfg)
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(ctx)
	}()
	w.Cleanup(func() {
		cancel()
		<-done
	})
	return c
}

func newMemory(t *testing.T) store.Store {
	s := memory.New(memory.Config{})
	t.Cleanup(func() { s.Close() })
	return s
}

func (w *world) note(rev int64, key, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes[rev] = change{key, value}
}

// writer makes random changes to keys of its own.
func (w *world) writer(name string, changes int) {
	r := rand.New(rand.NewPCG(rand.Uint64(), 0))
	revs := map[string]int64{}
	for n := range changes {
		key := fmt.Sprintf("%spods/ns%d/%s-%d", prefix, r.IntN(3), name, r.IntN(6))
		value := fmt.Sprintf("%s.%d", name, n)
		var err error
		var rev int64
		switch {
		case revs[key] == 0:
			rev, err = w.store.Create(w.ctx, key, []byte(value), 0)
		case r.IntN(4) == 0:
			rev, err = w.store.Delete(w.ctx, key, revs[key])
			value = ""
		default:
			rev, err = w.store.Update(w.ctx, key, []byte(value), revs[key], 0)
		}
		if err != nil {
			w.Error(err)
			return
		}
		w.note(rev, key, value)
		revs[key] = rev
		if value == "" {
			delete(revs, key)
		}
	}
}

// at replays what was written, up to a revision, onto nothing.
func (w *world) at(rev int64) map[string]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	revs := make([]int64, 0, len(w.changes))
	for r := range w.changes {
		if r <= rev {
			revs = append(revs, r)
		}
	}
	sort.Slice(revs, func(i, j int) bool { return revs[i] < revs[j] })
	state := map[string]string{}
	for _, r := range revs {
		if c := w.changes[r]; c.value == "" {
			delete(state, c.key)
		} else {
			state[c.key] = fmt.Sprintf("%s@%d", c.value, r)
		}
	}
	return state
}

func contents(s cache.Snapshot) map[string]string {
	out := map[string]string{}
	s.Ascend("", "", func(e *cache.Entry) bool {
		out[e.Key] = fmt.Sprintf("%s@%d", e.Value, e.Revision)
		return true
	})
	return out
}

func text(state map[string]string) string {
	var lines []string
	for k, v := range state {
		lines = append(lines, k+"="+v)
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// watcher lists, watches, and keeps a copy by the events until it has seen until(). When it is told that it
// expired it begins anew, if it may.
func (w *world) watcher(i *cache.Index, until func() int64, mayExpire bool) (state map[string]string, upTo int64) {
	for {
		s, err := i.Latest(w.ctx, 0)
		if err != nil {
			w.Error(err)
			return nil, 0
		}
		state = contents(s)
		c, err := i.Watch(w.ctx, s.Revision())
		if err != nil {
			w.Error(err)
			return nil, 0
		}
		upTo, err = w.follow(c, state, s.Revision(), until)
		c.Close()
		if mayExpire && errors.Is(err, cache.ErrExpired) {
			continue
		}
		if err != nil {
			w.Error(err)
		}
		return state, upTo
	}
}

// follow applies a cursor's events to a state, checking each against it.
func (w *world) follow(c *cache.Cursor, state map[string]string, at int64, until func() int64) (int64, error) {
	for {
		events, upTo, err := c.Poll()
		if err != nil {
			return at, err
		}
		for _, e := range events {
			if err := step(state, e, at); err != nil {
				return at, err
			}
			at = e.Revision
		}
		if upTo < at {
			return at, fmt.Errorf("up to %d after an event of %d", upTo, at)
		}
		if end := until(); end != 0 && upTo >= end {
			return upTo, nil
		}
		select {
		case <-c.Ready():
		case <-time.After(5 * time.Millisecond): // the clock may have moved without events
		case <-w.ctx.Done():
			return at, fmt.Errorf("at %d: %w", upTo, w.ctx.Err())
		}
	}
}

func step(state map[string]string, e *cache.Event, at int64) error {
	before, there := state[e.Entry.Key]
	now := fmt.Sprintf("%s@%d", e.Entry.Value, e.Entry.Revision)
	switch {
	case e.Revision <= at:
		return fmt.Errorf("an event of %d after %d", e.Revision, at)
	case e.Entry.Revision != e.Revision:
		return fmt.Errorf("an event of %d with an entry of %d", e.Revision, e.Entry.Revision)
	case (e.Prev != nil) != there, there && fmt.Sprintf("%s@%d", e.Prev.Value, e.Prev.Revision) != before:
		return fmt.Errorf("%v %s at %d: before it was %q, the event says %+v", e.Type, e.Entry.Key, e.Revision, before, e.Prev)
	case (e.Type == cache.Added) == there:
		return fmt.Errorf("%v of %s at %d, which was %q", e.Type, e.Entry.Key, e.Revision, before)
	case e.Type == cache.Deleted && string(e.Entry.Value) != string(e.Prev.Value):
		return fmt.Errorf("deleted %q, was %q", e.Entry.Value, e.Prev.Value)
	}
	state[e.Entry.Key] = now
	if e.Type == cache.Deleted {
		delete(state, e.Entry.Key)
	}
	return nil
}
