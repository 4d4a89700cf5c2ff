package cache

import (
	"sort"
	"strings"

	"github.com/tidwall/btree"
)

// tree is a resource's entries by key. Copies share what is equal.
type tree = btree.Map[string, *Entry]

// frozen is a tree that is no longer written, after the resource's event of revision last.
type frozen struct {
	tree *tree
	last int64
}

// Snapshot is a resource as it was at a revision. It is a value, never changes and costs nothing to keep
// for as long as a request needs it.
type Snapshot struct {
	of       *frozen
	prefix   string
	revision int64
}

// Revision of the store at which the snapshot is exact.
func (s Snapshot) Revision() int64 { return s.revision }

// Changed is the revision of the latest change to the resource: two snapshots with one Changed are equal.
func (s Snapshot) Changed() int64 { return s.of.last }

// Get returns the entry, nil if there is none.
func (s Snapshot) Get(key string) *Entry {
	e, _ := s.of.tree.Get(key)
	return e
}

// Ascend calls fn for the entries whose keys start with prefix and are not before from, in order, until fn
// returns false.
func (s Snapshot) Ascend(prefix, from string, fn func(*Entry) bool) {
	s.of.tree.Ascend(max(prefix, from), func(key string, e *Entry) bool {
		return strings.HasPrefix(key, prefix) && fn(e)
	})
}

// Count returns how many keys start with prefix. It does not walk over them.
func (s Snapshot) Count(prefix string) int {
	t := s.of.tree
	if strings.HasPrefix(s.prefix, prefix) {
		return t.Len()
	}
	first := rank(t, func(key string) bool { return key >= prefix })
	return rank(t, func(key string) bool { return key >= prefix && !strings.HasPrefix(key, prefix) }) - first
}

// CountFrom returns how many keys start with prefix and are not before from.
func (s Snapshot) CountFrom(prefix, from string) int {
	if from <= prefix {
		return s.Count(prefix)
	}
	t := s.of.tree
	first := rank(t, func(key string) bool { return key >= from })
	return rank(t, func(key string) bool { return key >= from && !strings.HasPrefix(key, prefix) }) - first
}

// rank is the number of keys before the first that is beyond.
func rank(t *tree, beyond func(key string) bool) int {
	return sort.Search(t.Len(), func(i int) bool {
		key, _, _ := t.GetAt(i)
		return beyond(key)
	})
}
