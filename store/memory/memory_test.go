package memory_test

import (
	"testing"
	"time"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/memory"
	"github.com/nave-k8s/nave/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s := memory.New(memory.Config{})
		t.Cleanup(func() { s.Close() })
		return s
	})
}

func TestExpiresByTheClockItIsGiven(t *testing.T) {
	now := time.Unix(1000, 0)
	s := memory.New(memory.Config{Now: func() time.Time { return now }})
	defer s.Close()
	ctx := t.Context()
	for key, ttl := range map[string]int64{"/a": 10, "/b": 20, "/c": 0} {
		if _, err := s.Create(ctx, key, nil, ttl); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		at   int64
		want int64
	}{{1009, 3}, {1010, 2}, {1019, 2}, {1020, 1}, {9999, 1}} {
		now = time.Unix(step.at, 0)
		s.Expire()
		page, err := s.Range(ctx, store.Range{Prefix: "/"})
		if err != nil || page.Count != step.want {
			t.Errorf("at %d: %d keys, %v, want %d", step.at, page.Count, err, step.want)
		}
	}
}
