package cache_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
	"github.com/nave-k8s/nave/store/etcd"
	"github.com/nave-k8s/nave/store/etcdtest"
)

// TestRemoteEtcdRestarts has two servers' caches on one etcd that stops and comes back, with writers that do
// not know which of their last writes were done. Every event must fit what the watcher had before it, and in
// the end watchers, caches and store agree.
func TestRemoteEtcdRestarts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "etcd")
	address, stop := etcdtest.ServeDir(t, dir, "127.0.0.1:0")
	s, err := etcd.Dial(t.Context(), etcd.RemoteConfig{Endpoints: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	w := newWorld(t, s, cache.Config{})
	second := w.another(cache.Config{}).Index(cache.IndexConfig{Key: "pods"})

	ctx, done := context.WithCancel(w.ctx)
	var writing, watching sync.WaitGroup
	var acked atomic.Int64
	for n := range 3 {
		writing.Go(func() { persist(ctx, s, fmt.Sprintf("%spods/ns/%d", prefix, n), &acked) })
	}
	var end atomic.Int64
	final := map[int]map[string]string{}
	var mu sync.Mutex
	for n, i := range []*cache.Index{w.pods, second, w.pods} {
		watching.Go(func() {
			state, _ := w.watcher(i, end.Load, false)
			mu.Lock()
			final[n] = state
			mu.Unlock()
		})
	}
	for range 2 {
		time.Sleep(200 * time.Millisecond)
		stop()
		time.Sleep(50 * time.Millisecond)
		_, stop = etcdtest.ServeDir(t, dir, address)
	}
	before := acked.Load()
	for deadline := time.Now().Add(20 * time.Second); acked.Load() < before+50; {
		if time.Now().After(deadline) {
			t.Fatal("the writers do not come back")
		}
		time.Sleep(10 * time.Millisecond)
	}
	done()
	writing.Wait()
	rev, err := s.Revision(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	end.Store(rev)
	watching.Wait()
	page, err := s.Range(w.ctx, store.Range{Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, kv := range page.Items {
		want[kv.Key] = fmt.Sprintf("%s@%d", kv.Value, kv.Revision)
	}
	for n, state := range final {
		if got := text(state); got != text(want) {
			t.Errorf("watcher %d:\n%s\nwant:\n%s", n, got, text(want))
		}
	}
	for _, i := range []*cache.Index{w.pods, second} {
		snap, err := i.Consistent(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := text(contents(snap)); got != text(want) {
			t.Errorf("cache:\n%s\nwant:\n%s", got, text(want))
		}
	}
	t.Logf("%d writes", acked.Load())
}

// persist changes a key over and over, through errors.
func persist(ctx context.Context, s store.Store, key string, acked *atomic.Int64) {
	for n := 0; ctx.Err() == nil; n++ {
		try, cancel := context.WithTimeout(ctx, time.Second)
		kv, _, err := s.Get(try, key)
		switch {
		case err != nil:
		case kv == nil:
			_, err = s.Create(try, key, []byte(fmt.Sprint(n)), 0)
		case n%5 == 4:
			_, err = s.Delete(try, key, kv.Revision)
		default:
			_, err = s.Update(try, key, []byte(fmt.Sprint(n)), kv.Revision, 0)
		}
		cancel()
		if err == nil {
			acked.Add(1)
		} else {
			time.Sleep(5 * time.Millisecond)
		}
	}
}
