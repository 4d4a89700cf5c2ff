package flow

import (
	"slices"
	"time"
)

// estimate is how long a request is taken to last until it has ended.
const estimate = 3 * time.Millisecond

// queue holds requests of the flows that were dealt it. start is the virtual time at which its first request
// would begin if every queue had its fair share; what a request really took corrects it.
type queue struct {
	tickets []*ticket
	seats   int // that its requests have or wait for
	seated  int // requests that have a seat
	start   float64
}

// turn is the virtual clock of a level: seconds of a seat that each queue could have had.
type turn struct {
	r  float64
	at time.Time
}

// advance moves the clock: seats in use are divided among the queues that have something to do.
func (t *turn) advance(l *level, now time.Time) {
	elapsed := now.Sub(t.at).Seconds()
	t.at = now
	if elapsed <= 0 {
		return
	}
	busy, wanted := 0, 0
	for _, q := range l.queues {
		if q.seats > 0 {
			busy++
			wanted += q.seats
		}
	}
	if busy > 0 {
		t.r += elapsed * float64(min(wanted, l.limit)) / float64(busy)
	}
}

// shortest is the queue with the least to do of the hand that the flow is dealt.
func (l *level) shortest(flow uint64) *queue {
	var best *queue
	for _, i := range deal(flow, len(l.queues), l.hand) {
		if q := l.queues[i]; best == nil || q.seats < best.seats {
			best = q
		}
	}
	return best
}

// deal picks hand different numbers below deck by a hash value: shuffle sharding. Two flows hardly ever get
// the same hand, so that one that fills all of its queues leaves others some of theirs.
func deal(value uint64, deck, hand int) []int {
	hand = min(max(hand, 1), deck)
	cards := make([]int, 0, hand)
	for i := range hand {
		left := uint64(deck - i)
		card := int(value % left)
		value /= left
		// Cards dealt before are not in the deck any more: count over them.
		for _, dealt := range slices.Sorted(slices.Values(cards)) {
			if card >= dealt {
				card++
			}
		}
		cards = append(cards, card)
	}
	return cards
}

func (l *level) push(q *queue, t *ticket) {
	if q.seats == 0 {
		q.start = max(q.start, l.turn.r)
	}
	t.queue = q
	q.tickets = append(q.tickets, t)
	q.seats += t.width
	l.waiting++
	l.waitingFor += t.width
}

// next is the queue whose first request would end first, if all had their fair share.
func (l *level) next() *queue {
	var best *queue
	var end float64
	for _, q := range l.queues {
		if len(q.tickets) == 0 {
			continue
		}
		if e := q.start + float64(q.tickets[0].width)*estimate.Seconds(); best == nil || e < end {
			best, end = q, e
		}
	}
	return best
}

// pop takes the first request out of its queue, to be seated.
func (l *level) pop(q *queue) *ticket {
	t := q.tickets[0]
	q.tickets = slices.Delete(q.tickets, 0, 1)
	q.start += float64(t.width) * estimate.Seconds()
	q.seated++
	l.waiting--
	l.waitingFor -= t.width
	return t
}

// drop takes a request out that does not wait any longer.
func (l *level) drop(t *ticket) {
	q := t.queue
	q.tickets = slices.DeleteFunc(q.tickets, func(x *ticket) bool { return x == t })
	q.seats -= t.width
	l.waiting--
	l.waitingFor -= t.width
}

// settle charges the queue what its request really took.
func (q *queue) settle(t *ticket, now time.Time) {
	q.seats -= t.width
	q.seated--
	q.start += float64(t.width) * (now.Sub(t.since) - estimate).Seconds()
}

// requeue changes the number of queues: those who wait are dealt anew.
func (l *level) requeue(count int) {
	old := l.queues
	l.queues = make([]*queue, count)
	for i := range l.queues {
		l.queues[i] = &queue{start: l.turn.r}
	}
	for _, q := range old {
		for _, t := range q.tickets {
			q.seats -= t.width
			l.waiting--
			l.waitingFor -= t.width
			if count == 0 { // there are no queues any more: let it in
				t.queue = nil
				l.seat(t, l.turn.at)
				close(t.granted)
				continue
			}
			l.push(l.shortest(t.flow), t)
		}
		q.tickets = nil
	}
}
