package etcd_test

import (
	"math/rand/v2"
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
