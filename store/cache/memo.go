package cache

import (
	"errors"
	"sync"
	"sync/atomic"
	"weak"
)

// memos is what has been computed from one entry or event, by slot. Reading takes no lock.
type memos struct{ head atomic.Pointer[memo] }

type memo struct {
	slot int
	next *memo
	once sync.Once
	data []byte
	err  error
}

var errUnfinished = errors.New("the encoder did not return")

// get returns what is in the slot, computing it if nobody has; who comes meanwhile waits.
func (m *memos) get(slot int, budget *budget, compute func() ([]byte, error)) ([]byte, error) {
	c := m.find(m.head.Load(), slot)
	if c == nil {
		c = m.add(slot)
	}
	c.once.Do(func() {
		c.err = errUnfinished // unless compute returns
		c.data, c.err = compute()
		budget.spend(m, len(c.data))
	})
	return c.data, c.err
}

func (m *memos) find(c *memo, slot int) *memo {
	for ; c != nil; c = c.next {
		if c.slot == slot {
			return c
		}
	}
	return nil
}

func (m *memos) add(slot int) *memo {
	fresh := &memo{slot: slot}
	for {
		head := m.head.Load()
		if c := m.find(head, slot); c != nil {
			return c
		}
		fresh.next = head
		if m.head.CompareAndSwap(head, fresh) {
			return fresh
		}
	}
}

// budget bounds the bytes of all memos: the oldest make room for new ones. Who still uses bytes that are
// dropped keeps them.
type budget struct {
	limit int

	mu    sync.Mutex
	spent int
	queue []spending // oldest first, from head on
	head  int
}

type spending struct {
	memos weak.Pointer[memos] // does not keep an entry that is gone from everywhere else
	bytes int
}

func (b *budget) spend(m *memos, bytes int) {
	if bytes == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue = append(b.queue, spending{weak.Make(m), bytes})
	b.spent += bytes
	for b.spent > b.limit && b.head < len(b.queue) {
		oldest := b.queue[b.head]
		b.queue[b.head] = spending{}
		b.head++
		b.spent -= oldest.bytes
		if m := oldest.memos.Value(); m != nil {
			m.head.Store(nil)
		}
	}
	if b.head > len(b.queue)/2 && b.head > 64 {
		n := copy(b.queue, b.queue[b.head:])
		clear(b.queue[n:])
		b.queue, b.head = b.queue[:n], 0
	}
}
