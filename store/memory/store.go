package memory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tidwall/btree"

	"github.com/nave-k8s/nave/store"
)

// maxBytes is etcd's limit on a request.
const maxBytes = 1.5 * 1024 * 1024

// Config is what New needs to know.
type Config struct {
	// Now is the clock by which keys expire. With one, nothing expires until Expire is called; with nil it
	// is time.Now, and keys expire by themselves.
	Now func() time.Time
}

// Store implements store.Store. Make one with New.
type Store struct {
	now   func() time.Time
	stop  context.CancelFunc
	ended context.Context

	mu        sync.Mutex
	rev       int64
	compacted int64 // the oldest revision that can be read
	keys      btree.Map[string, []version]
	log       []store.Event // those after compacted, in order
	changed   chan struct{} // closed at the next change
	bytes     int64
}

// version is a key from a revision on.
type version struct {
	rev     int64
	value   []byte
	deleted bool
	expires time.Time // zero for never
}

var _ store.Store = (*Store)(nil)

// New returns an empty store.
func New(cfg Config) *Store {
	s := &Store{now: cfg.Now, rev: 1, changed: make(chan struct{})}
	s.ended, s.stop = context.WithCancel(context.Background())
	if s.now == nil {
		s.now = time.Now
		go s.expireForever()
	}
	return s
}

// current returns the key's newest version; nil if it does not exist.
func (s *Store) current(key string) *version {
	versions, _ := s.keys.Get(key)
	return at(versions, s.rev)
}

// at returns the version that was current at a revision; nil if the key did not exist.
func at(versions []version, rev int64) *version {
	for n := len(versions) - 1; n >= 0; n-- {
		if v := &versions[n]; v.rev <= rev {
			if v.deleted {
				return nil
			}
			return v
		}
	}
	return nil
}

func (v *version) keyValue(key string) *store.KeyValue {
	if v == nil {
		return nil
	}
	return &store.KeyValue{Key: key, Value: v.value, Revision: v.rev}
}

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, key string) (*store.KeyValue, int64, error) {
	if err := s.enter(ctx); err != nil {
		return nil, 0, err
	}
	defer s.mu.Unlock()
	return s.current(key).keyValue(key), s.rev, nil
}

// enter locks the store for an operation.
func (s *Store) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.ended.Err() != nil {
		return fmt.Errorf("%w: the store is closed", store.ErrUnavailable)
	}
	s.mu.Lock()
	return nil
}

// Create implements store.Store.
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl int64) (int64, error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	if tooLarge(key, value) {
		return 0, store.ErrTooLarge
	}
	if s.current(key) != nil {
		return 0, &store.ExistsError{Key: key}
	}
	return s.put(key, value, ttl, true), nil
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, key string, value []byte, revision, ttl int64) (int64, error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	if tooLarge(key, value) {
		return 0, store.ErrTooLarge
	}
	if v := s.current(key); v == nil || v.rev != revision {
		return 0, &store.ConflictError{Key: key, Current: v.keyValue(key)}
	}
	return s.put(key, value, ttl, false), nil
}

// Delete implements store.Store.
func (s *Store) Delete(ctx context.Context, key string, revision int64) (int64, error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	if v := s.current(key); v == nil || v.rev != revision {
		return 0, &store.ConflictError{Key: key, Current: v.keyValue(key)}
	}
	s.rev++
	s.delete(key)
	s.announce()
	return s.rev, nil
}

func tooLarge(key string, value []byte) bool { return len(key)+len(value) > maxBytes }

func (s *Store) put(key string, value []byte, ttl int64, created bool) int64 {
	s.rev++
	v := version{rev: s.rev, value: value}
	if ttl > 0 {
		v.expires = s.now().Add(time.Duration(ttl) * time.Second)
	}
	s.write(key, v)
	s.log = append(s.log, store.Event{Type: store.Put, Key: key, Value: value, Revision: s.rev, Created: created})
	s.announce()
	return s.rev
}

// delete makes the key not exist at the store's revision.
func (s *Store) delete(key string) {
	s.write(key, version{rev: s.rev, deleted: true})
	s.log = append(s.log, store.Event{Type: store.Delete, Key: key, Revision: s.rev})
}

func (s *Store) write(key string, v version) {
	versions, _ := s.keys.Get(key)
	s.keys.Set(key, append(versions, v))
	s.bytes += int64(len(key) + len(v.value))
}

// announce tells the watches that there is something new.
func (s *Store) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Revision implements store.Store.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	return s.rev, nil
}

// Size implements store.Store.
func (s *Store) Size(ctx context.Context) (int64, error) {
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	return s.bytes, nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.stop()
	return nil
}
