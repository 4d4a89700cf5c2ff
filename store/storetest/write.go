package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/nave-k8s/nave/store"
)

func createAndGet(e *env) {
	kv, before, err := e.s.Get(e.ctx, e.key("a"))
	if kv != nil || err != nil {
		e.Fatalf("get of nothing: %+v, %v", kv, err)
	}
	rev := e.create("a", "1")
	if rev <= before {
		e.Errorf("created at %d, the store was at %d", rev, before)
	}
	kv, now, err := e.s.Get(e.ctx, e.key("a"))
	if err != nil || kv == nil || kv.Key != e.key("a") || string(kv.Value) != "1" || kv.Revision != rev || now < rev {
		e.Errorf("get: %+v at %d, %v", kv, now, err)
	}
	_, err = e.s.Create(e.ctx, e.key("a"), []byte("2"), 0)
	var exists *store.ExistsError
	if !errors.As(err, &exists) || exists.Key != e.key("a") {
		e.Errorf("second create: %v, want an ExistsError", err)
	}
	if second := e.create("b", "1"); second <= rev {
		e.Errorf("revisions do not grow: %d, %d", rev, second)
	}
}

func update(e *env) {
	first := e.create("a", "1")
	second := e.update("a", "2", first)
	if second <= first {
		e.Errorf("revisions do not grow: %d, %d", first, second)
	}
	_, err := e.s.Update(e.ctx, e.key("a"), []byte("3"), first, 0)
	e.conflict(err, "a", "2", second)
	_, err = e.s.Update(e.ctx, e.key("a"), []byte("3"), 0, 0)
	e.conflict(err, "a", "2", second)
	_, err = e.s.Update(e.ctx, e.key("none"), []byte("3"), first, 0)
	e.conflict(err, "none", "", 0)
	_, err = e.s.Update(e.ctx, e.key("none"), []byte("3"), 0, 0)
	e.conflict(err, "none", "", 0)
	if kv, _, _ := e.s.Get(e.ctx, e.key("none")); kv != nil {
		e.Errorf("an update created %+v", kv)
	}
}

func remove(e *env) {
	first := e.create("a", "1")
	second := e.update("a", "2", first)
	_, err := e.s.Delete(e.ctx, e.key("a"), first)
	e.conflict(err, "a", "2", second)
	_, err = e.s.Delete(e.ctx, e.key("a"), 0)
	e.conflict(err, "a", "2", second)
	third := e.remove("a", second)
	if third <= second {
		e.Errorf("revisions do not grow: %d, %d", second, third)
	}
	if kv, _, err := e.s.Get(e.ctx, e.key("a")); kv != nil || err != nil {
		e.Errorf("after the deletion: %+v, %v", kv, err)
	}
	_, err = e.s.Delete(e.ctx, e.key("a"), second)
	e.conflict(err, "a", "", 0)
	if again := e.create("a", "3"); again <= third {
		e.Errorf("revisions do not grow: %d, %d", third, again)
	}
}

// conflict checks that the error tells the key as it is; revision 0 if it is gone.
func (e *env) conflict(err error, name, value string, revision int64) {
	e.Helper()
	var c *store.ConflictError
	switch {
	case !errors.As(err, &c):
		e.Errorf("got %v, want a ConflictError", err)
	case c.Key != e.key(name):
		e.Errorf("conflict of %s, want %s", c.Key, e.key(name))
	case revision == 0 && c.Current != nil:
		e.Errorf("current is %+v, want none", c.Current)
	case revision != 0 && (c.Current == nil || c.Current.Revision != revision || string(c.Current.Value) != value || c.Current.Key != c.Key):
		e.Errorf("current is %+v, want %s at %d", c.Current, value, revision)
	}
}

func limit(e *env) {
	fits := bytes.Repeat([]byte("x"), 1<<20)
	rev, err := e.s.Create(e.ctx, e.key("a"), fits, 0)
	if err != nil {
		e.Fatalf("1 MiB: %v", err)
	}
	for _, size := range []int{1536 << 10, 3 << 20} {
		if _, err := e.s.Create(e.ctx, e.key("b"), make([]byte, size), 0); !errors.Is(err, store.ErrTooLarge) {
			e.Errorf("create of %d bytes: %v, want ErrTooLarge", size, err)
		}
		if _, err := e.s.Update(e.ctx, e.key("a"), make([]byte, size), rev, 0); !errors.Is(err, store.ErrTooLarge) {
			e.Errorf("update to %d bytes: %v, want ErrTooLarge", size, err)
		}
	}
}

func binary(e *env) {
	var value []byte
	for n := range 256 {
		value = append(value, byte(n))
	}
	if _, err := e.s.Create(e.ctx, e.key("a"), value, 0); err != nil {
		e.Fatal(err)
	}
	if _, err := e.s.Create(e.ctx, e.key("empty"), nil, 0); err != nil {
		e.Fatal(err)
	}
	kv, _, err := e.s.Get(e.ctx, e.key("a"))
	if err != nil || !bytes.Equal(kv.Value, value) {
		e.Errorf("got %+v, %v", kv, err)
	}
	kv, _, err = e.s.Get(e.ctx, e.key("empty"))
	if err != nil || kv == nil || len(kv.Value) != 0 {
		e.Errorf("got %+v, %v", kv, err)
	}
}

func revisionSees(e *env) {
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for n := range 25 {
				rev, err := e.s.Create(e.ctx, e.key(fmt.Sprintf("%d-%d", w, n)), []byte("x"), 0)
				if err != nil {
					e.Error(err)
					return
				}
				now, err := e.s.Revision(e.ctx)
				if err != nil || now < rev {
					e.Errorf("wrote %d, then the store is at %d, %v", rev, now, err)
				}
			}
		})
	}
	wg.Wait()
}

func oneWins(e *env) {
	rev := e.create("a", "0")
	const writers, rounds = 8, 10
	for range rounds {
		var won atomic.Int64
		var next atomic.Int64
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				got, err := e.s.Update(e.ctx, e.key("a"), []byte(fmt.Sprint(w)), rev, 0)
				var c *store.ConflictError
				switch {
				case err == nil:
					won.Add(1)
					next.Store(got)
				case !errors.As(err, &c) || c.Current == nil || c.Current.Revision <= rev:
					e.Errorf("writer %d: %v", w, err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			e.Fatalf("%d writers won, want 1", won.Load())
		}
		rev = next.Load()
	}
}

func contexts(e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	if _, err := e.s.Create(ctx, e.key("a"), []byte("1"), 0); err == nil {
		e.Error("create with an ended context: no error")
	}
	if _, err := e.s.Revision(ctx); err != nil && !errors.Is(err, context.Canceled) {
		e.Errorf("revision with an ended context: %v", err)
	}
}
