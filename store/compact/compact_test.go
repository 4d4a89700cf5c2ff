package compact_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/compact"
	"github.com/nave-k8s/nave/store/memory"
)

// TestOneOfSeveralServersCompacts goes through the turns of two servers, a turn of each being an interval.
func TestOneOfSeveralServersCompacts(t *testing.T) {
	ctx := context.Background()
	s := memory.New(memory.Config{})
	defer s.Close()
	servers := map[string]*compact.Compactor{"a": compact.New(s, nil), "b": compact.New(s, nil)}
	writes := 0
	write := func() int64 {
		writes++
		rev, err := s.Create(ctx, fmt.Sprint("/registry/", writes), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		return rev
	}
	readable := func(rev int64) bool {
		_, err := s.Range(ctx, store.Range{Prefix: "/", Revision: rev})
		var compacted *store.CompactedError
		if err != nil && !errors.As(err, &compacted) {
			t.Fatal(err)
		}
		return err == nil
	}
	turn := func(name string) {
		if err := servers[name].Turn(ctx); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	value := func() string {
		kv, _, err := s.Get(ctx, compact.Key)
		if err != nil || kv == nil {
			t.Fatalf("%+v, %v", kv, err)
		}
		return string(kv.Value)
	}

	first := write()
	turn("a") // makes the key
	turn("b") // sees it
	if !readable(first) || value() != "0" {
		t.Fatalf("the first turns compacted, value %s", value())
	}
	second := write()
	turn("b") // nobody was faster: compacts to where b's last turn was, after first
	if readable(first-1) || !readable(second) {
		t.Fatalf("first readable %v, second readable %v", readable(first-1), readable(second))
	}
	if value() == "0" {
		t.Error("the key does not tell the revision")
	}
	turn("a") // b was faster
	if !readable(second) {
		t.Fatal("a compacted out of turn")
	}
	third := write()
	turn("a")
	if readable(second) || !readable(third) {
		t.Fatalf("second readable %v, third readable %v", readable(second), readable(third))
	}
	turn("b")
	if !readable(third) {
		t.Fatal("b compacted out of turn")
	}
}
