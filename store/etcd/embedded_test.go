package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store/etcd"
)

func start(t testing.TB, dir string) *etcd.Store {
	t.Helper()
	s, err := etcd.Start(t.Context(), etcd.EmbeddedConfig{
		Dir: dir, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStartsFastAndKeepsItsData(t *testing.T) {
	dir := t.TempDir()
	begin := time.Now()
	s := start(t, dir)
	t.Logf("first start: %v", time.Since(begin))
	ctx := context.Background()
	rev, err := s.Create(ctx, "/registry/a", []byte("1"), 0)
	if err != nil {
		t.Fatal(err)
	}
	begin = time.Now()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("stop: %v", time.Since(begin))

	begin = time.Now()
	s = start(t, dir)
	t.Logf("second start: %v", time.Since(begin))
	defer s.Close()
	kv, _, err := s.Get(ctx, "/registry/a")
	if err != nil || kv == nil || kv.Revision != rev || string(kv.Value) != "1" {
		t.Fatalf("after a restart: %+v, %v", kv, err)
	}
	if now, err := s.Revision(ctx); err != nil || now < rev {
		t.Fatalf("revision %d, %v; wrote %d", now, err, rev)
	}
}

func TestRestartsAtOnceHoweverOften(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	for i := range 300 { // more than etcd keeps of its log without need
		if _, err := s.Create(t.Context(), fmt.Sprint("/registry/", i), []byte("1"), 0); err != nil {
			t.Fatal(err)
		}
	}
	for range 30 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = start(t, dir)
	}
	s.Close()
}

func TestRefusesAFolderInUse(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	defer s.Close()
	_, err := etcd.Start(t.Context(), etcd.EmbeddedConfig{Dir: dir})
	var locked *etcd.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("got %v, want a LockedError", err)
	}
}

func BenchmarkCreate1KB(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			s := start(b, b.TempDir())
			defer s.Close()
			value := make([]byte, 1024)
			var n atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range clients {
				wg.Go(func() {
					for {
						i := n.Add(1)
						if i > int64(b.N) {
							return
						}
						if _, err := s.Create(context.Background(), fmt.Sprintf("/registry/configmaps/default/c%d", i), value, 0); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}
