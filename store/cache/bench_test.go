package cache_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
	"github.com/nave-k8s/nave/store/memory"
)

// filled is a cache of a store with n pods of 3 KB.
func filled(b *testing.B, s store.Store, n int) (*cache.Index, []int64) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	revs := make([]int64, n)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 16 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				rev, err := s.Create(ctx, pod(int(i)), make([]byte, 3000), 0)
				if err != nil {
					b.Error(err)
				}
				revs[i] = rev
			}
		})
	}
	wg.Wait()
	c := cache.New(cache.Config{Store: s, Prefix: prefix})
	go c.Run(ctx)
	i := c.Index(cache.IndexConfig{Key: "pods"})
	if _, err := i.Consistent(ctx); err != nil {
		b.Fatal(err)
	}
	return i, revs
}

func pod(n int) string { return fmt.Sprintf("%spods/ns%d/pod-%05d", prefix, n%10, n) }

func inMemory(b *testing.B) store.Store {
	s := memory.New(memory.Config{})
	b.Cleanup(func() { s.Close() })
	return s
}

// BenchmarkFanOut is one change seen by 500 watchers; an operation is one delivery.
func BenchmarkFanOut(b *testing.B) {
	st := inMemory(b)
	i, revs := filled(b, st, 1)
	const watchers = 500
	ctx := context.Background()
	s, _ := i.Latest(ctx, 0)
	events := b.N/watchers + 1
	var wg sync.WaitGroup
	var started sync.WaitGroup
	var delivered atomic.Int64
	for range watchers {
		c, err := i.Watch(ctx, s.Revision())
		if err != nil {
			b.Fatal(err)
		}
		started.Add(1)
		wg.Go(func() {
			started.Done()
			for seen := 0; seen < events; {
				got, _, err := c.Next(ctx)
				if err != nil {
					b.Error(err)
					return
				}
				seen += len(got)
				delivered.Add(int64(len(got)))
			}
		})
	}
	started.Wait()
	b.ReportAllocs()
	b.ResetTimer()
	rev := revs[0]
	for n := range events {
		var err error
		if rev, err = st.Update(ctx, pod(0), nil, rev, 0); err != nil {
			b.Fatal(err)
		}
		for delivered.Load() < int64(n+1)*watchers { // so that each is woken for each
			runtime.Gosched()
		}
	}
	wg.Wait()
}

func BenchmarkSnapshot(b *testing.B) {
	s := inMemory(b)
	i, revs := filled(b, s, 10000)
	ctx := context.Background()
	b.Run("latest", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := i.Latest(ctx, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("consistent", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := i.Consistent(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("consistent after a write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			rev, err := s.Update(ctx, pod(0), nil, revs[0], 0)
			if err != nil {
				b.Fatal(err)
			}
			revs[0] = rev
			if s, err := i.Consistent(ctx); err != nil || s.Revision() < rev {
				b.Fatal(err)
			}
		}
	})
	b.Run("get", func(b *testing.B) {
		snap, _ := i.Latest(ctx, 0)
		key := pod(5000)
		b.ReportAllocs()
		for b.Loop() {
			if snap.Get(key) == nil {
				b.Fatal("not there")
			}
		}
	})
	b.Run("range 10000", func(b *testing.B) {
		snap, _ := i.Latest(ctx, 0)
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			snap.Ascend(prefix+"pods/", "", func(e *cache.Entry) bool { n += len(e.Value); return true })
		}
	})
	b.Run("count namespace", func(b *testing.B) {
		snap, _ := i.Latest(ctx, 0)
		b.ReportAllocs()
		for b.Loop() {
			if snap.Count(prefix+"pods/ns3/") != 1000 {
				b.Fatal("miscounted")
			}
		}
	})
	b.Run("at 1000 ago", func(b *testing.B) {
		for n := range 1000 {
			rev, err := s.Update(ctx, pod(n), nil, revs[n], 0)
			if err != nil {
				b.Fatal(err)
			}
			revs[n] = rev
		}
		now, _ := i.Consistent(ctx)
		b.ReportAllocs()
		n := int64(0)
		for b.Loop() {
			if _, err := i.At(ctx, now.Revision()-1000+n%100); err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
}

// BenchmarkWriteThenRead is a write to the embedded etcd, and a consistent read of it, beside the write alone.
func BenchmarkWriteThenRead(b *testing.B) {
	for _, clients := range []int{1, 32} {
		for _, read := range []bool{false, true} {
			b.Run(fmt.Sprintf("clients=%d,read=%v", clients, read), func(b *testing.B) {
				s := embedded(b)
				i, _ := filled(b, s, 10)
				ctx := context.Background()
				var next atomic.Int64
				next.Store(100)
				last := next.Load() + int64(b.N)
				var wg sync.WaitGroup
				b.ResetTimer()
				for range clients {
					wg.Go(func() {
						for n := next.Add(1); n <= last; n = next.Add(1) {
							rev, err := s.Create(ctx, pod(int(n)), make([]byte, 1000), 0)
							if err != nil {
								b.Error(err)
								return
							}
							if !read {
								continue
							}
							snap, err := i.Consistent(ctx)
							if err != nil || snap.Get(pod(int(n))) == nil || snap.Revision() < rev {
								b.Error("not read", err)
							}
						}
					})
				}
				wg.Wait()
			})
		}
	}
}

// BenchmarkMemory tells what 10,000 pods cost with etcd in the process, beside their 30 MB.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		s := embedded(b)
		i, _ := filled(b, s, 10000)
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MB")
		b.ReportMetric(float64(resident())/(1<<20), "resident-MB")
		runtime.KeepAlive(i)
	}
}

func resident() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	return 0
}
