package cache

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// eventLog is a resource's newest events. One goroutine at a time appends (the index's mu is held); readers
// take the view and no lock.
type eventLog struct {
	maxEvents, maxBytes int
	maxAge              time.Duration

	view atomic.Pointer[view]

	// Appended to only.
	bytes int
	marks []mark

	mu   sync.Mutex
	wake chan struct{} // closed at the next append; nil if nobody waits
}

// view is the log at a moment. Events are appended behind it in the same array, which it does not see.
type view struct {
	events []*Event
	base   int64 // the number of events[0], counted from the log's beginning
	floor  int64 // every event after this revision is here
	closed bool
}

// mark remembers when the log reached a number, to tell the age of what was before it.
type mark struct {
	number int64
	at     time.Time
}

// markEvery is how exactly the log knows the age of its events.
const markEvery = 5 * time.Second

// perEvent is what an event costs beside the values.
const perEvent = 200

func newLog(cfg Config, floor int64) *eventLog {
	l := &eventLog{maxEvents: cfg.LogEvents, maxBytes: cfg.LogBytes, maxAge: cfg.LogAge}
	l.view.Store(&view{floor: floor})
	return l
}

// cost is what the log alone keeps in memory of an event: the value that is no longer current.
func cost(e *Event) int {
	if e.Prev != nil {
		return perEvent + len(e.Prev.Value)
	}
	return perEvent
}

func (l *eventLog) append(fresh []*Event, now time.Time) {
	v := *l.view.Load()
	if len(l.marks) == 0 || now.Sub(l.marks[len(l.marks)-1].at) >= markEvery {
		l.marks = append(l.marks, mark{v.base + int64(len(v.events)), now})
	}
	if len(v.events)+len(fresh) > cap(v.events) {
		// A new array, by hand, so that what was trimmed from the front is not copied or kept.
		grown := make([]*Event, len(v.events), len(v.events)+len(fresh)+len(v.events)/4+8)
		copy(grown, v.events)
		v.events = grown
	}
	v.events = append(v.events, fresh...)
	for _, e := range fresh {
		l.bytes += cost(e)
	}
	n := max(0, len(v.events)-l.maxEvents)
	v = l.trim(v, n)
	for l.bytes > l.maxBytes && len(v.events) > len(fresh) {
		v = l.trim(v, 1)
	}
	l.publish(&v)
}

// trim drops the first n events of the view. Readers may hold the array: its elements stay.
func (l *eventLog) trim(v view, n int) view {
	for _, e := range v.events[:n] {
		l.bytes -= cost(e)
		v.floor = e.Revision
	}
	v.events, v.base = v.events[n:], v.base+int64(n)
	// Half a revision would be no use.
	for n > 0 && len(v.events) > 0 && v.events[0].Revision == v.floor {
		l.bytes -= cost(v.events[0])
		v.events, v.base = v.events[1:], v.base+1
	}
	return v
}

// tidy drops what is older than the log's age.
func (l *eventLog) tidy(now time.Time) {
	v := *l.view.Load()
	if end := v.base + int64(len(v.events)); len(l.marks) > 0 && l.marks[len(l.marks)-1].number < end {
		l.marks = append(l.marks, mark{end, now}) // or the newest would stay until there is a newer
	}
	// What came before a mark is older than the mark.
	old := sort.Search(len(l.marks), func(i int) bool { return now.Sub(l.marks[i].at) < l.maxAge })
	if old == 0 {
		return
	}
	n := int(l.marks[old-1].number - v.base)
	l.marks = append([]mark(nil), l.marks[old-1:]...)
	if n <= 0 {
		return
	}
	v = l.trim(v, min(n, len(v.events)))
	v.events = append(make([]*Event, 0, len(v.events)), v.events...)
	l.publish(&v)
}

func (l *eventLog) close() {
	v := *l.view.Load()
	v.events, v.closed = nil, true
	l.publish(&v)
}

func (l *eventLog) publish(v *view) {
	l.mu.Lock()
	l.view.Store(v)
	wake := l.wake
	l.wake = nil
	l.mu.Unlock()
	if wake != nil {
		close(wake)
	}
}

// changed returns a channel that is closed when the log is no longer the view.
func (l *eventLog) changed(since *view) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.view.Load() != since {
		return alreadyClosed
	}
	if l.wake == nil {
		l.wake = make(chan struct{})
	}
	return l.wake
}

var alreadyClosed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// after returns the number of the first event beyond the revision.
func (v *view) after(rev int64) int64 {
	return v.base + int64(sort.Search(len(v.events), func(i int) bool { return v.events[i].Revision > rev }))
}
