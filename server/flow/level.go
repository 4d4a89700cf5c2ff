package flow

import (
	"sync"
	"time"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
)

// level is a priority level: so many seats, and the queues of those who wait for one.
type level struct {
	name string

	mu                         sync.Mutex
	exempt                     bool
	nominal, low, high, limit  int // seats: by shares, with borrowing at least and at most, and now
	inUse, waiting, waitingFor int // seats taken, requests that wait and the seats they wait for
	queues                     []*queue
	hand, length               int // queues of a flow, and the most requests in each
	turn                       turn
	demand                     demand
	smooth                     float64 // seats needed, smoothed over adjustments
	high10                     int     // most seats needed at once between the last two adjustments
}

// A ticket is a request's claim to seats.
type ticket struct {
	level   *level
	width   int
	queue   *queue // where it waited; nil: it did not have to
	flow    uint64
	granted chan struct{}
	seated  bool
	since   time.Time // of its seat
}

func newLevel(name string, now time.Time) *level {
	return &level{name: name, demand: newDemand(now), turn: turn{at: now}}
}

func isExempt(c *flowcontrolv1.PriorityLevelConfiguration) bool {
	return c.Spec.Type == flowcontrolv1.PriorityLevelEnablementExempt
}

// configure takes over what the object says. A limit that is no longer within the bounds changes at once.
func (l *level) configure(c *flowcontrolv1.PriorityLevelConfiguration, seats int, shares float64, now time.Time) {
	nominal, low, high := bounds(c, seats, shares)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.exempt = isExempt(c)
	if l.nominal != nominal || l.limit == 0 {
		l.limit = nominal
	}
	l.nominal, l.low, l.high = nominal, low, high
	l.limit = min(max(l.limit, low), high)
	count, hand, length := 0, 0, 0
	if c.Spec.Limited != nil && c.Spec.Limited.LimitResponse.Queuing != nil {
		q := c.Spec.Limited.LimitResponse.Queuing
		count, hand, length = int(q.Queues), int(q.HandSize), int(q.QueueLengthLimit)
	}
	l.hand, l.length = hand, length
	if count != len(l.queues) {
		l.requeue(count)
	}
	l.dispatch(now)
}

// enter counts a request of an exempt level, so that others lend it no more than is left.
func (l *level) enter(now time.Time) (release func(now time.Time)) {
	l.mu.Lock()
	l.inUse++
	l.needs(now)
	l.mu.Unlock()
	return func(now time.Time) {
		l.mu.Lock()
		l.inUse--
		l.needs(now)
		l.mu.Unlock()
	}
}

// take seats the request if there is room and nobody waits.
func (l *level) take(t *ticket, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting > 0 || !l.fits(t.width) {
		return false
	}
	l.seat(t, now)
	l.needs(now)
	return true
}

// fits reports whether there is room for so many seats. Who needs more than there are gets them all.
func (l *level) fits(width int) bool { return l.inUse == 0 || l.inUse+width <= l.limit }

func (l *level) seat(t *ticket, now time.Time) {
	t.seated, t.since = true, now
	l.inUse += t.width
}

// enqueue lets the request wait; the reason says why it cannot.
func (l *level) enqueue(t *ticket, flow uint64, now time.Time) (reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queues) == 0 {
		if l.fits(t.width) {
			l.seat(t, now)
			t.granted = closed()
			l.needs(now)
			return ""
		}
		return "concurrency-limit"
	}
	t.flow, t.granted = flow, make(chan struct{})
	q := l.shortest(flow)
	if len(q.tickets) >= l.length {
		return "queue-full"
	}
	l.turn.advance(l, now)
	l.push(q, t)
	l.dispatch(now)
	return ""
}

func closed() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// leave gives up waiting; it reports false if the request has got its seat meanwhile.
func (l *level) leave(t *ticket, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.seated {
		return false
	}
	l.turn.advance(l, now)
	l.drop(t)
	l.needs(now)
	return true
}

// release gives the seats back and lets the next ones have them.
func (l *level) release(t *ticket, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inUse -= t.width
	if t.queue != nil {
		l.turn.advance(l, now)
		t.queue.settle(t, now)
	}
	l.dispatch(now)
}

// dispatch seats those whose turn it is, as long as there is room.
func (l *level) dispatch(now time.Time) {
	for l.waiting > 0 {
		q := l.next()
		if !l.fits(q.tickets[0].width) {
			break
		}
		t := l.pop(q)
		l.seat(t, now)
		close(t.granted)
	}
	l.needs(now)
}

// needs notes how many seats are taken or waited for.
func (l *level) needs(now time.Time) { l.demand.set(float64(l.inUse+l.waitingFor), now) }

// setLimit changes how many seats there are now.
func (l *level) setLimit(limit int, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit = limit
	l.dispatch(now)
}
