package cache_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/nave-k8s/nave/store/cache"
)

func TestKeysGoToTheirIndex(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{})
	keys := []string{"pods", "services/specs", "services/endpoints", "apiregistration.k8s.io/apiservices", "a.io/xs", "unread"}
	indexes := map[string]*cache.Index{}
	cursors := map[string]*cache.Cursor{}
	for _, key := range keys {
		indexes[key] = w.cache.Index(cache.IndexConfig{Key: key})
		if key != "unread" {
			cursors[key] = w.cursor(indexes[key], 0)
		}
	}
	for _, key := range append(keys, "pod", "podsandmore", "services", "a.io/xss", "a.io") {
		if _, err := w.store.Create(w.ctx, prefix+key+"/ns/name", []byte(key), 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"/other/pods/a", prefix + "pods", "/registry"} {
		if _, err := w.store.Create(w.ctx, key, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	for key, i := range indexes {
		s, err := i.Consistent(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		want := prefix + key + "/ns/name"
		if got := contents(s); len(got) != 1 || !strings.HasPrefix(got[want], key+"@") {
			t.Errorf("%s holds %v", key, got)
		}
		if c := cursors[key]; c != nil {
			events, _, err := c.Poll()
			if err != nil || len(events) != 1 || events[0].Entry.Key != want {
				t.Errorf("%s: events %v, %v", key, events, err)
			}
		}
	}
}

func TestSnapshotReads(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{})
	for ns := range 3 {
		for n := range 100 {
			if _, err := w.store.Create(w.ctx, fmt.Sprintf("%spods/ns%d/p%03d", prefix, ns, n), nil, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	s, err := w.pods.Consistent(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		prefix, from string
		want         int
	}{
		{"/registry/pods/", "", 300},
		{"/registry/", "", 300},
		{"", "", 300},
		{"/registry/pods/ns0/", "", 100},
		{"/registry/pods/ns1/", "", 100},
		{"/registry/pods/ns2/", "", 100},
		{"/registry/pods/ns3/", "", 0},
		{"/registry/pods/ns1/p00", "", 10},
		{"/registry/pods/ns1/", "/registry/pods/ns1/p010", 90},
		{"/registry/pods/ns1/", "/registry/pods/ns1/p010\x00", 89},
		{"/registry/pods/ns1/", "/registry/pods/ns2/", 0},
		{"/registry/pods/", "/registry/pods/ns1/p050", 150},
		{"/registry/services/", "", 0},
	} {
		walked := 0
		s.Ascend(test.prefix, test.from, func(e *cache.Entry) bool {
			if !strings.HasPrefix(e.Key, test.prefix) || e.Key < test.from {
				t.Errorf("%+v: got %s", test, e.Key)
			}
			walked++
			return true
		})
		if count := s.CountFrom(test.prefix, test.from); walked != test.want || count != test.want {
			t.Errorf("%+v: walked %d, counted %d", test, walked, count)
		}
	}
	if s.Get("/registry/pods/ns1/p001") == nil || s.Get("/registry/pods/ns1/p") != nil {
		t.Error("Get")
	}
}

// slot numbers of encodings in these tests.
const upper, lower = 1, 2

func TestDerivedOnceAndShared(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{})
	var read, encoded atomic.Int64
	i := w.cache.Index(cache.IndexConfig{
		Key: "nodes",
		Labels: func(_ string, value []byte) (labels.Set, error) {
			read.Add(1)
			return labels.Set{"is": string(value)}, nil
		},
		Fields: func(string, []byte) (fields.Set, error) { return nil, errors.New("unreadable") },
	})
	if _, err := w.store.Create(w.ctx, prefix+"nodes/a", []byte("one"), 0); err != nil {
		t.Fatal(err)
	}
	s, err := i.Consistent(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	e := s.Get(prefix + "nodes/a")
	first, second := e.Labels(), e.Labels()
	if first["is"] != "one" || second["is"] != "one" || read.Load() != 1 {
		t.Errorf("labels %v, read %d times", e.Labels(), read.Load())
	}
	if len(e.Fields()) != 0 {
		t.Errorf("fields %v", e.Fields())
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for slot, encode := range map[int]func(string) string{upper: strings.ToUpper, lower: strings.ToLower} {
				got, err := e.Encoded(slot, func(e *cache.Entry) ([]byte, error) {
					encoded.Add(1)
					return []byte(encode(string(e.Value) + "X")), nil
				})
				if err != nil || string(got) != encode("oneX") {
					t.Errorf("slot %d: %s, %v", slot, got, err)
				}
			}
		})
	}
	wg.Wait()
	if encoded.Load() != 2 {
		t.Errorf("encoded %d times, want 2", encoded.Load())
	}
	wrong := errors.New("wrong")
	for range 2 {
		if _, err := e.Encoded(3, func(*cache.Entry) ([]byte, error) { return nil, wrong }); err != wrong {
			t.Errorf("got %v", err)
		}
	}
}

func TestEncodingsKeepToTheirBudget(t *testing.T) {
	w := newWorld(t, newMemory(t), cache.Config{EncodedBytes: 10 * 100})
	for n := range 20 {
		if _, err := w.store.Create(w.ctx, fmt.Sprintf("%spods/ns/%02d", prefix, n), nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	s, err := w.pods.Consistent(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	encoded := 0
	encode := func() (fresh int) {
		before := encoded
		s.Ascend("", "", func(e *cache.Entry) bool {
			got, err := e.Encoded(1, func(*cache.Entry) ([]byte, error) {
				encoded++
				return make([]byte, 100), nil
			})
			if err != nil || len(got) != 100 {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			return true
		})
		return encoded - before
	}
	if fresh := encode(); fresh != 20 {
		t.Errorf("encoded %d at first, want 20", fresh)
	}
	kept := 0
	s.Ascend("", "", func(e *cache.Entry) bool {
		fresh := false
		e.Encoded(1, func(*cache.Entry) ([]byte, error) { fresh = true; return nil, nil })
		if !fresh {
			kept++
		}
		return true
	})
	if kept != 10 {
		t.Errorf("%d are kept, want 10", kept)
	}
}
