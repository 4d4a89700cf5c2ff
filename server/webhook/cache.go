package webhook

import (
	"crypto/sha256"
	"sync"
	"time"
)

// mostAnswers bounds how many answers a Cache keeps.
const mostAnswers = 8192

// A Cache keeps answers for a while, by the hash of what was asked. Its methods may be called by many
// goroutines.
type Cache[T any] struct {
	now func() time.Time

	mu      sync.Mutex
	answers map[[sha256.Size]byte]answer[T]
}

type answer[T any] struct {
	value T
	until time.Time
}

// NewCache returns an empty cache.
func NewCache[T any](now func() time.Time) *Cache[T] {
	return &Cache[T]{now: now, answers: map[[sha256.Size]byte]answer[T]{}}
}

// Key is the hash of a question.
func Key(question []byte) [sha256.Size]byte { return sha256.Sum256(question) }

// Get returns the answer, if there is one that is still good.
func (c *Cache[T]) Get(key [sha256.Size]byte) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.answers[key]
	if ok && c.now().After(a.until) {
		delete(c.answers, key)
		ok = false
	}
	return a.value, ok
}

// Put keeps an answer for so long. Where there is no room, one goes that the map's random order picks.
func (c *Cache[T]) Put(key [sha256.Size]byte, value T, good time.Duration) {
	if good <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answers) >= mostAnswers {
		for old := range c.answers {
			delete(c.answers, old)
			break
		}
	}
	c.answers[key] = answer[T]{value, c.now().Add(good)}
}
