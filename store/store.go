// Package store is stage 7: the only way to the database. Store is what a database must do; store/etcd
// does it with etcd (inside the process or remote), store/memory without a disk for tests, and
// store/storetest holds the contract that both keep. store/cache, stage 8, reads one watch of a Store.
//
// Keys are whole etcd keys ("/registry/pods/default/a"). Values are opaque bytes; who gets one must not
// change it. Every write is a compare-and-swap on the key's revision, so no writer can lose another's
// update. When a write returns without error it is durable.
package store

import (
	"context"
	"errors"
	"fmt"
)

// KeyValue is one key as it was at a revision.
type KeyValue struct {
	Key      string
	Value    []byte
	Revision int64 // the revision of its last write
}

// Range selects keys.
type Range struct {
	Prefix string // all keys that start with it
	From   string // and are not before it; "" for the first
	Limit  int64  // at most so many; 0 for all
	// Revision to read at; 0 reads the newest, linearizably.
	Revision int64
	// CountOnly returns no keys.
	CountOnly bool
}

// Page is the answer to a Range.
type Page struct {
	Items    []KeyValue
	Revision int64 // the store's revision at which the page is true
	More     bool  // the limit cut the page short
	Count    int64 // of all keys selected, whatever the limit
}

// EventType is what happened to a key.
type EventType int8

// The kinds of events.
const (
	Put EventType = iota
	Delete
)

// Event is one change.
type Event struct {
	Type     EventType
	Key      string
	Value    []byte // nil for Delete
	Revision int64
	Created  bool // a Put of a key that did not exist
}

// Batch is what a watch delivers at once: events in the order of their revisions, never part of a
// revision, and the revision up to which the watch has now seen everything. Events may be empty: then
// the batch is progress alone.
type Batch struct {
	Events   []Event
	Revision int64
}

// A Watch delivers every change of the keys with its prefix, in order, none lost or doubled. Batches is
// closed when the watch ends; Err then says why (*CompactedError, a context's error, a broken store).
type Watch interface {
	Batches() <-chan Batch
	// Progress asks for a Batch soon, even if nothing has changed, that tells how far the watch is.
	Progress(ctx context.Context) error
	Err() error
	Stop()
}

// Store is a database of keys with one revision that counts all writes.
type Store interface {
	// Get returns the key, or nil and no error where there is none, and the store's revision.
	Get(ctx context.Context, key string) (*KeyValue, int64, error)
	Range(ctx context.Context, r Range) (Page, error)

	// Create writes a key that must not exist; *ExistsError if it does. ttl in seconds, 0 for ever.
	Create(ctx context.Context, key string, value []byte, ttl int64) (revision int64, err error)
	// Update replaces a key whose last write must be at revision; *ConflictError if it is not.
	Update(ctx context.Context, key string, value []byte, revision, ttl int64) (int64, error)
	// Delete removes a key whose last write must be at revision; *ConflictError if it is not.
	Delete(ctx context.Context, key string, revision int64) (int64, error)

	// Revision returns a revision at least as new as every write acknowledged before the call, by
	// anyone (a linearizable read).
	Revision(ctx context.Context) (int64, error)
	// Watch delivers all changes after the revision.
	Watch(ctx context.Context, prefix string, after int64) Watch
	// Compact forgets what was before the revision.
	Compact(ctx context.Context, revision int64) error
	// Size is the database's size in bytes as it is on disk.
	Size(ctx context.Context) (int64, error)
	Close() error
}

// ExistsError: Create found the key.
type ExistsError struct{ Key string }

func (e *ExistsError) Error() string { return fmt.Sprintf("key %q exists", e.Key) }

// ConflictError: the key is not at the revision expected. Current is the key as it is, nil if it is gone.
type ConflictError struct {
	Key     string
	Current *KeyValue
}

func (e *ConflictError) Error() string { return fmt.Sprintf("key %q was changed", e.Key) }

// CompactedError: the revision asked for is forgotten. Oldest is the first that is not, 0 if unknown.
type CompactedError struct{ Oldest int64 }

func (e *CompactedError) Error() string { return "the revision has been compacted" }

// FutureError: the revision asked for has not been reached. Current is the store's.
type FutureError struct{ Current int64 }

func (e *FutureError) Error() string { return "the revision is in the future" }

// ErrTooLarge: the value is over the database's limit.
var ErrTooLarge = errors.New("etcdserver: request is too large")

// ErrUnavailable wraps what is wrong with the connection to the database.
var ErrUnavailable = errors.New("the database cannot be reached")
