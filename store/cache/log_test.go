package cache

import (
	"testing"
	"time"
)

// The log's own test: what it keeps by count, by bytes and by age.
func TestLogBounds(t *testing.T) {
	start := time.Unix(1000, 0)
	event := func(rev int64, bytes int) *Event {
		return &Event{Revision: rev, Prev: &Entry{Value: make([]byte, bytes)}}
	}
	first := func(l *eventLog) int64 {
		if v := l.view.Load(); len(v.events) > 0 {
			return v.events[0].Revision
		}
		return 0
	}
	t.Run("count", func(t *testing.T) {
		l := newLog(Config{LogEvents: 10, LogBytes: 1 << 20, LogAge: time.Minute}, 100)
		for rev := int64(101); rev <= 200; rev++ {
			l.append([]*Event{event(rev, 0)}, start)
			v := l.view.Load()
			if want := max(100, rev-10); v.floor != want || v.base != want-100 || len(v.events) != int(rev-want) {
				t.Fatalf("after %d: floor %d, base %d, %d events", rev, v.floor, v.base, len(v.events))
			}
			if at := v.after(rev - 3); v.events[at-v.base].Revision != max(rev-2, 101) {
				t.Fatalf("after(%d) is %d", rev-3, v.events[at-v.base].Revision)
			}
		}
	})
	t.Run("bytes", func(t *testing.T) {
		l := newLog(Config{LogEvents: 1000, LogBytes: 10 * (1000 + perEvent), LogAge: time.Minute}, 0)
		for rev := int64(1); rev <= 100; rev++ {
			l.append([]*Event{event(rev, 1000)}, start)
		}
		if n := len(l.view.Load().events); n != 10 {
			t.Errorf("%d events", n)
		}
		l.append([]*Event{event(101, 1<<20)}, start) // the newest stays whatever it costs
		if n := len(l.view.Load().events); n != 1 || first(l) != 101 {
			t.Errorf("%d events", n)
		}
	})
	t.Run("age", func(t *testing.T) {
		l := newLog(Config{LogEvents: 1000, LogBytes: 1 << 20, LogAge: time.Minute}, 0)
		for rev := int64(1); rev <= 100; rev++ {
			l.append([]*Event{event(rev, 0)}, start.Add(time.Duration(rev)*time.Second))
		}
		held := l.view.Load().events
		l.tidy(start.Add(110 * time.Second))
		if got := first(l); got < 40 || got > 50 {
			t.Errorf("the first is %d, want about 50 and no younger", got)
		}
		l.tidy(start.Add(time.Hour))
		l.tidy(start.Add(2 * time.Hour))
		if v := l.view.Load(); len(v.events) != 0 || v.floor != 100 || l.bytes != 0 {
			t.Errorf("%d events, floor %d", len(v.events), v.floor)
		}
		if held[0].Revision != 1 || held[99].Revision != 100 {
			t.Error("a reader's slice was changed")
		}
		l.append([]*Event{event(200, 0)}, start.Add(2*time.Hour))
		l.tidy(start.Add(3 * time.Hour))
		l.append([]*Event{event(201, 0)}, start.Add(3*time.Hour))
		if v := l.view.Load(); v.events[len(v.events)-1].Revision != 201 || v.base+int64(len(v.events)) != 102 {
			t.Errorf("%+v", v)
		}
	})
	t.Run("a revision is not split", func(t *testing.T) {
		l := newLog(Config{LogEvents: 4, LogBytes: 1 << 20, LogAge: time.Minute}, 0)
		l.append([]*Event{event(1, 0), event(2, 0), event(2, 0), event(2, 0)}, start)
		l.append([]*Event{event(3, 0), event(4, 0)}, start)
		if v := l.view.Load(); first(l) != 3 || v.floor != 2 || len(v.events) != 2 {
			t.Errorf("first %d, floor %d", first(l), v.floor)
		}
	})
	t.Run("bytes come back", func(t *testing.T) {
		l := newLog(Config{LogEvents: 3, LogBytes: 1 << 20, LogAge: time.Minute}, 0)
		for rev := int64(1); rev <= 50; rev++ {
			l.append([]*Event{event(rev, 10)}, start)
		}
		if l.bytes != 3*(10+perEvent) {
			t.Errorf("%d bytes counted", l.bytes)
		}
	})
}
