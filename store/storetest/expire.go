package storetest

import (
	"sort"
	"strings"
	"time"

	"github.com/nave-k8s/nave/store"
)

// expire: keys written together with one time to live go in one revision or a few, and a watch sees each
// revision in one piece.
func expire(e *env) {
	at := e.revision()
	w := e.s.Watch(e.ctx, e.prefix, at)
	defer w.Stop()
	for _, name := range []string{"a", "b", "c"} {
		if _, err := e.s.Create(e.ctx, e.key(name), []byte("x"), 1); err != nil {
			e.Fatal(err)
		}
	}
	e.create("stays", "x")
	gone := map[int64][]string{}
	total := 0
	for total < 3 {
		select {
		case b, ok := <-w.Batches():
			if !ok {
				e.Fatal(w.Err())
			}
			inBatch := map[int64]bool{}
			for _, event := range b.Events {
				if event.Type != store.Delete {
					continue
				}
				if !inBatch[event.Revision] && gone[event.Revision] != nil {
					e.Errorf("revision %d is split", event.Revision)
				}
				inBatch[event.Revision] = true
				gone[event.Revision] = append(gone[event.Revision], strings.TrimPrefix(event.Key, e.prefix))
				total++
			}
		case <-time.After(30 * time.Second):
			e.Fatalf("expired until now: %v", gone)
		}
	}
	var all []string
	for _, names := range gone {
		all = append(all, names...)
	}
	sort.Strings(all)
	if got := strings.Join(all, " "); got != "a b c" {
		e.Errorf("expired: %s", got)
	}
	if got := e.names(e.ranges(store.Range{Prefix: e.prefix})); got != "stays=x" {
		e.Errorf("left: %s", got)
	}
}

// renew: the last write alone decides when a key expires.
func renew(e *env) {
	for _, name := range []string{"dies", "kept"} {
		if _, err := e.s.Create(e.ctx, e.key(name), []byte("1"), 1); err != nil {
			e.Fatal(err)
		}
	}
	kv, _, err := e.s.Get(e.ctx, e.key("kept"))
	if err != nil || kv == nil {
		e.Fatalf("%+v, %v", kv, err)
	}
	e.update("kept", "2", kv.Revision)
	deadline := time.Now().Add(30 * time.Second)
	for {
		kv, _, err := e.s.Get(e.ctx, e.key("dies"))
		if err != nil {
			e.Fatal(err)
		}
		if kv == nil {
			break
		}
		if time.Now().After(deadline) {
			e.Fatal("the key does not expire")
		}
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(time.Second)
	if kv, _, err := e.s.Get(e.ctx, e.key("kept")); err != nil || kv == nil {
		e.Errorf("a write without a time to live did not end the former: %+v, %v", kv, err)
	}
}
