package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nave-k8s/nave/store"
)

// collect reads a watch until it has seen the revision, checking what every batch promises.
func (e *env) collect(w store.Watch, from, until int64) []store.Event {
	e.Helper()
	var events []store.Event
	seen := from
	nudge := time.NewTicker(20 * time.Millisecond)
	defer nudge.Stop()
	for seen < until {
		select {
		case b, ok := <-w.Batches():
			if !ok {
				e.Fatalf("the watch ended at %d, before %d: %v", seen, until, w.Err())
			}
			for _, event := range b.Events {
				if event.Revision <= seen {
					e.Fatalf("an event of %d after a batch that went to %d", event.Revision, seen)
				}
				if event.Revision > b.Revision {
					e.Fatalf("an event of %d in a batch that goes to %d", event.Revision, b.Revision)
				}
				if len(events) > 0 && event.Revision < events[len(events)-1].Revision {
					e.Fatalf("an event of %d after one of %d", event.Revision, events[len(events)-1].Revision)
				}
				events = append(events, event)
			}
			if b.Revision < seen {
				e.Fatalf("a batch goes to %d after one that went to %d", b.Revision, seen)
			}
			seen = b.Revision
		case <-nudge.C:
			w.Progress(e.ctx)
		case <-e.ctx.Done():
			e.Fatalf("the watch is at %d and does not reach %d", seen, until)
		}
	}
	return events
}

func (e *env) story(events []store.Event) string {
	var out []string
	for _, event := range events {
		text := strings.TrimPrefix(event.Key, e.prefix)
		switch {
		case event.Type == store.Delete && event.Value == nil && !event.Created:
			text = "-" + text
		case event.Type == store.Put && event.Created:
			text = "+" + text + "=" + string(event.Value)
		case event.Type == store.Put:
			text += "=" + string(event.Value)
		default:
			text = fmt.Sprintf("%+v", event)
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func watchTells(e *env) {
	at := e.revision()
	w := e.s.Watch(e.ctx, e.prefix, at)
	defer w.Stop()
	a1 := e.create("a", "1")
	a2 := e.update("a", "2", a1)
	if _, err := e.s.Create(e.ctx, "/storetest-other", []byte("x"), 0); err != nil {
		var exists *store.ExistsError
		if !errors.As(err, &exists) {
			e.Fatal(err)
		}
	}
	a3 := e.remove("a", a2)
	a4 := e.create("a", "4")
	events := e.collect(w, at, a4)
	if got, want := e.story(events), "+a=1 a=2 -a +a=4"; got != want {
		e.Fatalf("got %s, want %s", got, want)
	}
	for n, want := range []int64{a1, a2, a3, a4} {
		if events[n].Revision != want {
			e.Errorf("event %d has revision %d, want %d", n, events[n].Revision, want)
		}
	}
}

func watchFrom(e *env) {
	a1 := e.create("a", "1")
	a2 := e.update("a", "2", a1)
	a3 := e.remove("a", a2)
	for after, want := range map[int64]string{a1 - 1: "+a=1 a=2 -a +b=1", a1: "a=2 -a +b=1", a3: "+b=1"} {
		w := e.s.Watch(e.ctx, e.prefix, after)
		defer w.Stop()
		b, _, err := e.s.Get(e.ctx, e.key("b"))
		if err != nil {
			e.Fatal(err)
		}
		rev := a3
		if b != nil {
			rev = b.Revision
		} else {
			rev = e.create("b", "1")
		}
		if got := e.story(e.collect(w, after, rev)); got != want {
			e.Errorf("after %d: %s, want %s", after, got, want)
		}
	}
}

func watchConcurrent(e *env) {
	const writers, each = 8, 60
	at := e.revision()
	early := e.s.Watch(e.ctx, e.prefix, at)
	defer early.Stop()
	var mu sync.Mutex
	want := map[int64]string{}
	var wg sync.WaitGroup
	for writer := range writers {
		wg.Go(func() {
			key := e.key(fmt.Sprint("w", writer))
			var rev int64
			for n := range each {
				value := fmt.Sprint(writer, n)
				var err error
				switch {
				case rev == 0:
					rev, err = e.s.Create(e.ctx, key, []byte(value), 0)
				case n%7 == 6:
					var gone int64
					gone, err = e.s.Delete(e.ctx, key, rev)
					mu.Lock()
					want[gone] = key + " gone"
					mu.Unlock()
					rev = 0
				default:
					rev, err = e.s.Update(e.ctx, key, []byte(value), rev, 0)
				}
				if err != nil {
					e.Error(err)
					return
				}
				if rev != 0 {
					mu.Lock()
					want[rev] = key + " " + value
					mu.Unlock()
				}
			}
		})
	}
	time.Sleep(5 * time.Millisecond)
	late := e.s.Watch(e.ctx, e.prefix, at) // begins in the middle of it
	defer late.Stop()
	wg.Wait()
	last := e.revision()
	for name, w := range map[string]store.Watch{"early": early, "late": late} {
		events := e.collect(w, at, last)
		if len(events) != len(want) {
			e.Errorf("%s: %d events, want %d", name, len(events), len(want))
		}
		for _, event := range events {
			got := event.Key + " " + string(event.Value)
			if event.Type == store.Delete {
				got = event.Key + " gone"
			}
			if got != want[event.Revision] {
				e.Errorf("%s: at %d %s, want %s", name, event.Revision, got, want[event.Revision])
			}
		}
	}
}

func watchProgress(e *env) {
	at := e.revision()
	w := e.s.Watch(e.ctx, e.prefix+"quiet/", at)
	defer w.Stop()
	rev := e.create("elsewhere", "1")
	if events := e.collect(w, at, rev); len(events) != 0 {
		e.Errorf("events: %s", e.story(events))
	}
}

func watchEnds(e *env) {
	at := e.revision()
	stopped := e.s.Watch(e.ctx, e.prefix, at)
	stopped.Stop()
	stopped.Stop()
	e.ended(stopped)
	ctx, cancel := context.WithCancel(e.ctx)
	canceled := e.s.Watch(ctx, e.prefix, at)
	cancel()
	e.ended(canceled)
	if !errors.Is(canceled.Err(), context.Canceled) {
		e.Errorf("a watch whose context ended says %v", canceled.Err())
	}
	// Nobody reads this one; the writes are not held back by it.
	unread := e.s.Watch(e.ctx, e.prefix, at)
	for n := range 500 {
		e.create(fmt.Sprint(n), "x")
	}
	unread.Stop()
	e.ended(unread)
}

func (e *env) ended(w store.Watch) {
	e.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case _, ok := <-w.Batches():
			if !ok {
				return
			}
		case <-timeout:
			e.Fatal("the watch does not end")
		}
	}
}

func watchCompacted(e *env) {
	a1 := e.create("a", "1")
	a2 := e.update("a", "2", a1)
	a3 := e.update("a", "3", a2)
	a4 := e.update("a", "4", a3)
	if err := e.s.Compact(e.ctx, a3); err != nil {
		e.Fatal(err)
	}
	w := e.s.Watch(e.ctx, e.prefix, a1-1)
	defer w.Stop()
	e.ended(w)
	var compacted *store.CompactedError
	if !errors.As(w.Err(), &compacted) {
		e.Errorf("got %v, want a CompactedError", w.Err())
	}
	w = e.s.Watch(e.ctx, e.prefix, a3)
	defer w.Stop()
	if got, want := e.story(e.collect(w, a3, a4)), "a=4"; got != want {
		e.Errorf("got %s, want %s", got, want)
	}
}
