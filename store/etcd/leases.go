package etcd

import (
	"context"
	"sync"
	"time"
)

// A lease costs etcd more than a key, so keys that are written at about the same time with the same time
// to live share one. They then live up to a twentieth, and at most a minute, longer than asked.
const (
	leaseShare   = 20
	leaseLonger  = 60 // seconds
	keysPerLease = 1000
)

type leases struct {
	grant func(ctx context.Context, ttl int64) (int64, error)
	now   func() time.Time

	mu    sync.Mutex
	byTTL map[int64]*sharedLease
}

type sharedLease struct {
	id   int64
	ends time.Time // not before this
	keys int
}

func (l *leases) init(grant func(context.Context, int64) (int64, error)) {
	l.grant, l.now, l.byTTL = grant, time.Now, map[int64]*sharedLease{}
}

// id returns a lease that lasts ttl seconds or a little more; 0, no lease, for ttl 0.
func (l *leases) id(ctx context.Context, ttl int64) (int64, error) {
	if ttl <= 0 {
		return 0, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if known := l.byTTL[ttl]; known != nil {
		if known.keys < keysPerLease && !now.Add(time.Duration(ttl)*time.Second).After(known.ends) {
			known.keys++
			return known.id, nil
		}
	}
	for other, known := range l.byTTL { // those that ended are of no use
		if now.After(known.ends) {
			delete(l.byTTL, other)
		}
	}
	longer := ttl + min(ttl/leaseShare, leaseLonger)
	id, err := l.grant(ctx, longer)
	if err != nil {
		return 0, err
	}
	l.byTTL[ttl] = &sharedLease{id: id, ends: now.Add(time.Duration(longer) * time.Second), keys: 1}
	return id, nil
}

// forget drops a lease that etcd no longer knows, so that the next write gets another.
func (l *leases) forget(ttl, id int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.byTTL[ttl]; known != nil && known.id == id {
		delete(l.byTTL, ttl)
	}
	return id != 0
}
