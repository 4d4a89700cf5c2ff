package memory

import (
	"context"
	"strings"

	"github.com/nave-k8s/nave/store"
)

// Range implements store.Store.
func (s *Store) Range(ctx context.Context, r store.Range) (store.Page, error) {
	if err := s.enter(ctx); err != nil {
		return store.Page{}, err
	}
	defer s.mu.Unlock()
	rev := r.Revision
	switch {
	case rev <= 0:
		rev = s.rev
	case rev > s.rev:
		return store.Page{}, &store.FutureError{Current: s.rev}
	case rev < s.compacted:
		return store.Page{}, &store.CompactedError{Oldest: s.compacted}
	}
	page := store.Page{Revision: rev}
	s.keys.Ascend(max(r.Prefix, r.From), func(key string, versions []version) bool {
		if !strings.HasPrefix(key, r.Prefix) {
			return false
		}
		v := at(versions, rev)
		if v == nil {
			return true
		}
		page.Count++
		if !r.CountOnly && (r.Limit <= 0 || int64(len(page.Items)) < r.Limit) {
			page.Items = append(page.Items, *v.keyValue(key))
		}
		return true
	})
	page.More = !r.CountOnly && page.Count > int64(len(page.Items))
	return page, nil
}

// Compact implements store.Store.
func (s *Store) Compact(ctx context.Context, revision int64) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	switch {
	case revision > s.rev:
		return &store.FutureError{Current: s.rev}
	case revision <= s.compacted:
		return &store.CompactedError{Oldest: s.compacted}
	}
	s.compacted = revision
	n := 0
	for n < len(s.log) && s.log[n].Revision < revision {
		n++
	}
	s.log = append([]store.Event(nil), s.log[n:]...)

	var all []string
	s.keys.Scan(func(key string, _ []version) bool {
		all = append(all, key)
		return true
	})
	for _, key := range all {
		s.compact(key)
	}
	s.announce()
	return nil
}

// compact drops the key's versions that nobody can read any more.
func (s *Store) compact(key string) {
	versions, _ := s.keys.Get(key)
	first := 0
	for n, v := range versions {
		if v.rev <= s.compacted {
			first = n
		}
	}
	if versions[first].deleted && versions[first].rev <= s.compacted {
		first++
	}
	for _, v := range versions[:first] {
		s.bytes -= int64(len(key) + len(v.value))
	}
	if first == len(versions) {
		s.keys.Delete(key)
		return
	}
	s.keys.Set(key, append([]version(nil), versions[first:]...))
}
