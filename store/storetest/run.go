package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store"
)

// Open returns a store of the test's own, and sees to its being closed. It may have been used before.
type Open func(t *testing.T) store.Store

// Run tests that the stores keep the contract. Each test gets a prefix of its own, so one store may serve
// all.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(*env)
	}{
		{"create and get", createAndGet},
		{"update is a compare-and-swap", update},
		{"delete is a compare-and-swap", remove},
		{"values have a limit", limit},
		{"values are bytes", binary},
		{"range selects keys", selects},
		{"range pages", pages},
		{"range at a revision", atRevision},
		{"revision sees acknowledged writes", revisionSees},
		{"one of many writers wins", oneWins},
		{"contexts end operations", contexts},
		{"compaction forgets", compaction},
		{"watch tells what happens", watchTells},
		{"watch from a revision", watchFrom},
		{"watch loses and doubles nothing", watchConcurrent},
		{"watch progresses", watchProgress},
		{"watch ends", watchEnds},
		{"watch of what is compacted", watchCompacted},
		{"keys expire together", expire},
		{"a write renews or ends the time to live", renew},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			test.run(&env{T: t, ctx: ctx, s: open(t), prefix: "/storetest/" + t.Name() + "/"})
		})
	}
}

// env is one test's store, and its ways to fail.
type env struct {
	*testing.T
	ctx    context.Context
	s      store.Store
	prefix string
}

func (e *env) key(name string) string { return e.prefix + name }

func (e *env) create(name, value string) int64 {
	e.Helper()
	rev, err := e.s.Create(e.ctx, e.key(name), []byte(value), 0)
	if err != nil {
		e.Fatalf("create %s: %v", name, err)
	}
	return rev
}

func (e *env) update(name, value string, rev int64) int64 {
	e.Helper()
	rev, err := e.s.Update(e.ctx, e.key(name), []byte(value), rev, 0)
	if err != nil {
		e.Fatalf("update %s: %v", name, err)
	}
	return rev
}

func (e *env) remove(name string, rev int64) int64 {
	e.Helper()
	rev, err := e.s.Delete(e.ctx, e.key(name), rev)
	if err != nil {
		e.Fatalf("delete %s: %v", name, err)
	}
	return rev
}

func (e *env) ranges(r store.Range) store.Page {
	e.Helper()
	page, err := e.s.Range(e.ctx, r)
	if err != nil {
		e.Fatalf("range %+v: %v", r, err)
	}
	return page
}

func (e *env) revision() int64 {
	e.Helper()
	rev, err := e.s.Revision(e.ctx)
	if err != nil {
		e.Fatalf("revision: %v", err)
	}
	return rev
}
