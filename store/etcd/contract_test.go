package etcd_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/etcd"
	"github.com/nave-k8s/nave/store/etcdtest"
	"github.com/nave-k8s/nave/store/memory"
	"github.com/nave-k8s/nave/store/storetest"
)

func embedded(t *testing.T) store.Store {
	s := start(t, t.TempDir())
	t.Cleanup(func() { s.Close() })
	return s
}

func remote(t *testing.T) store.Store {
	s, err := etcd.Dial(t.Context(), etcd.RemoteConfig{Endpoints: []string{etcdtest.Serve(t)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContractEmbedded(t *testing.T) {
	s := embedded(t)
	storetest.Run(t, func(*testing.T) store.Store { return s })
}

func TestContractRemote(t *testing.T) {
	s := remote(t)
	storetest.Run(t, func(*testing.T) store.Store { return s })
}

func TestRandomAgainstMemory(t *testing.T) {
	for name, open := range map[string]storetest.Open{"embedded": embedded, "remote": remote} {
		t.Run(name, func(t *testing.T) {
			m := memory.New(memory.Config{})
			defer m.Close()
			storetest.Random(t, open(t), m, rand.Uint64(), 1500)
		})
	}
}

// TestSharesItsFolderWithAnEtcd: an etcd of its own process can go on where Start was, and the other way round.
func TestSharesItsFolderWithAnEtcd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "etcd")
	ctx := t.Context()
	want := map[string]int64{}
	check := func(s store.Store, write string) {
		t.Helper()
		for key, rev := range want {
			if kv, _, err := s.Get(ctx, key); err != nil || kv == nil || kv.Revision != rev {
				t.Errorf("%s is %+v, %v, want revision %d", key, kv, err, rev)
			}
		}
		rev, err := s.Create(ctx, write, []byte("x"), 0)
		if err != nil {
			t.Fatal(err)
		}
		want[write] = rev
		s.Close()
	}
	for round := range 2 {
		endpoint, stop := etcdtest.ServeDir(t, dir, "127.0.0.1:0")
		s, err := etcd.Dial(ctx, etcd.RemoteConfig{Endpoints: []string{endpoint}})
		if err != nil {
			t.Fatal(err)
		}
		check(s, fmt.Sprint("/registry/served/", round))
		stop()
		check(start(t, dir), fmt.Sprint("/registry/embedded/", round))
	}
}
