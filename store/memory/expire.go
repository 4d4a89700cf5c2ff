package memory

import "time"

// expireEvery is how often a store with a clock of its own looks for keys that have expired.
const expireEvery = 100 * time.Millisecond

// Expire deletes the keys whose time has come by the store's clock, all of them in one revision, as etcd
// deletes the keys of a lease.
func (s *Store) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var due []string
	s.keys.Scan(func(key string, versions []version) bool {
		if v := at(versions, s.rev); v != nil && !v.expires.IsZero() && !now.Before(v.expires) {
			due = append(due, key)
		}
		return true
	})
	if len(due) == 0 {
		return
	}
	s.rev++
	for _, key := range due {
		s.delete(key)
	}
	s.announce()
}

func (s *Store) expireForever() {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.Expire()
		case <-s.ended.Done():
			return
		}
	}
}
