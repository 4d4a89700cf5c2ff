package cache

import (
	"sync/atomic"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

// Entry is one object as it is stored. It never changes.
type Entry struct {
	Key      string
	Value    []byte
	Revision int64

	index  *Index
	labels atomic.Pointer[labels.Set]
	fields atomic.Pointer[fields.Set]
	memos  memos
}

// Labels returns the object's labels, read from the value once.
func (e *Entry) Labels() labels.Set {
	if s := e.labels.Load(); s != nil {
		return *s
	}
	var set labels.Set
	if read := e.index.cfg.Labels; read != nil {
		set, _ = read(e.Key, e.Value)
	}
	e.labels.Store(&set)
	return set
}

// Fields returns the object's selectable fields, read from the value once.
func (e *Entry) Fields() fields.Set {
	if s := e.fields.Load(); s != nil {
		return *s
	}
	var set fields.Set
	if read := e.index.cfg.Fields; read != nil {
		set, _ = read(e.Key, e.Value)
	}
	e.fields.Store(&set)
	return set
}

// At returns the entry as of another revision: what a watch with a selector tells of an object that is no
// longer selected.
func (e *Entry) At(revision int64) *Entry {
	return &Entry{Key: e.Key, Value: e.Value, Revision: revision, index: e.index}
}

// Encoded returns encode(e), computed at most once per slot for all who ask; slots are the caller's to
// number. It may be computed again much later, when other encodings have pushed it out of memory. An error
// is kept like a result.
func (e *Entry) Encoded(slot int, encode func(*Entry) ([]byte, error)) ([]byte, error) {
	return e.memos.get(slot, &e.index.cache.budget, func() ([]byte, error) { return encode(e) })
}

// EventType is what happened to an object.
type EventType int8

// The kinds of events.
const (
	Added EventType = iota
	Modified
	Deleted
)

func (t EventType) String() string { return [...]string{"ADDED", "MODIFIED", "DELETED"}[t] }

// Event is one change of an object. It never changes.
type Event struct {
	Type EventType
	// Entry is the object after the event; of a deleted one it has the last value and the revision of the
	// deletion.
	Entry *Entry
	Prev  *Entry // the object before the event, nil if it was not there
	// Revision is the event's; equal to the Entry's.
	Revision int64

	memos memos
}

// Encoded is Entry.Encoded for what is made of the whole event.
func (e *Event) Encoded(slot int, encode func(*Event) ([]byte, error)) ([]byte, error) {
	return e.memos.get(slot, &e.Entry.index.cache.budget, func() ([]byte, error) { return encode(e) })
}
