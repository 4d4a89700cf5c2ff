package storetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nave-k8s/nave/store"
)

// names returns the keys of a page without the test's prefix.
func (e *env) names(page store.Page) string {
	var out []string
	for _, kv := range page.Items {
		out = append(out, strings.TrimPrefix(kv.Key, e.prefix)+"="+string(kv.Value))
	}
	return strings.Join(out, " ")
}

func selects(e *env) {
	revs := map[string]int64{}
	for _, name := range []string{"ns1/b", "ns1/a", "ns10/a", "ns2/a", "ns1", "ns1/c\xff"} {
		revs[name] = e.create(name, "1")
	}
	for _, test := range []struct {
		r    store.Range
		want string
	}{
		{store.Range{Prefix: e.key("ns1/")}, "ns1/a=1 ns1/b=1 ns1/c\xff=1"},
		{store.Range{Prefix: e.key("ns1")}, "ns1=1 ns1/a=1 ns1/b=1 ns1/c\xff=1 ns10/a=1"},
		{store.Range{Prefix: e.key("ns1/"), From: e.key("ns1/b")}, "ns1/b=1 ns1/c\xff=1"},
		{store.Range{Prefix: e.key("ns1/"), From: e.key("ns1/a\x00")}, "ns1/b=1 ns1/c\xff=1"},
		{store.Range{Prefix: e.key("ns1/"), From: e.key("a")}, "ns1/a=1 ns1/b=1 ns1/c\xff=1"},
		{store.Range{Prefix: e.key("ns1/"), From: e.key("ns2")}, ""},
		{store.Range{Prefix: e.key("ns3/")}, ""},
	} {
		page := e.ranges(test.r)
		if got := e.names(page); got != test.want {
			e.Errorf("%+v: %q, want %q", test.r, got, test.want)
		}
		if page.More || page.Count != int64(len(page.Items)) || page.Revision < revs["ns1/c\xff"] {
			e.Errorf("%+v: more %v, count %d, revision %d", test.r, page.More, page.Count, page.Revision)
		}
		for _, kv := range page.Items {
			if want := revs[strings.TrimPrefix(kv.Key, e.prefix)]; kv.Revision != want {
				e.Errorf("%s: revision %d, want %d", kv.Key, kv.Revision, want)
			}
		}
	}
	page := e.ranges(store.Range{Prefix: e.key("ns1/"), CountOnly: true})
	if page.Count != 3 || len(page.Items) != 0 || page.More {
		e.Errorf("count only: %+v", page)
	}
}

func pages(e *env) {
	var want []string
	for n := range 7 {
		name := fmt.Sprintf("%d", n)
		e.create(name, "x")
		want = append(want, name+"=x")
	}
	var got []string
	from, rev := "", int64(0)
	for round := 0; ; round++ {
		page := e.ranges(store.Range{Prefix: e.prefix, From: from, Limit: 3, Revision: rev})
		got = append(got, e.names(page))
		if round == 0 {
			if page.Count != 7 {
				e.Errorf("count %d, want 7", page.Count)
			}
			rev = page.Revision
			e.create("9", "new") // which later pages do not see
		} else if page.Revision != rev {
			e.Errorf("page at revision %d, want %d", page.Revision, rev)
		}
		if wantMore := round < 2; page.More != wantMore {
			e.Errorf("page %d: more %v", round, page.More)
		}
		if !page.More {
			break
		}
		from = page.Items[len(page.Items)-1].Key + "\x00"
	}
	if g, w := strings.Join(got, " "), strings.Join(want, " "); g != w {
		e.Errorf("got %s, want %s", g, w)
	}
}

func atRevision(e *env) {
	a1 := e.create("a", "1")
	a2 := e.update("a", "2", a1)
	b1 := e.create("b", "1")
	a3 := e.remove("a", a2)
	a4 := e.create("a", "4")
	for rev, want := range map[int64]string{a1: "a=1", a2: "a=2", b1: "a=2 b=1", a3: "b=1", a4: "a=4 b=1"} {
		page := e.ranges(store.Range{Prefix: e.prefix, Revision: rev})
		if got := e.names(page); got != want || page.Revision != rev || page.Count != int64(len(page.Items)) {
			e.Errorf("at %d: %q revision %d count %d, want %q", rev, got, page.Revision, page.Count, want)
		}
	}
	_, err := e.s.Range(e.ctx, store.Range{Prefix: e.prefix, Revision: a4 + 1000000})
	var future *store.FutureError
	if !errors.As(err, &future) || future.Current < a4 {
		e.Errorf("a future revision: %v (%+v), want a FutureError", err, future)
	}
}

func compaction(e *env) {
	a1 := e.create("a", "1")
	b1 := e.create("b", "1")
	a2 := e.update("a", "2", a1)
	e.remove("b", b1)
	c := e.create("c", "1")
	if err := e.s.Compact(e.ctx, a2); err != nil {
		e.Fatal(err)
	}
	var compacted *store.CompactedError
	if _, err := e.s.Range(e.ctx, store.Range{Prefix: e.prefix, Revision: b1}); !errors.As(err, &compacted) {
		e.Errorf("range at what was compacted: %v, want a CompactedError", err)
	}
	if err := e.s.Compact(e.ctx, a1); !errors.As(err, &compacted) {
		e.Errorf("compact what was compacted: %v, want a CompactedError", err)
	}
	var future *store.FutureError
	if err := e.s.Compact(e.ctx, c+1000000); !errors.As(err, &future) {
		e.Errorf("compact the future: %v, want a FutureError", err)
	}
	for rev, want := range map[int64]string{a2: "a=2 b=1", c: "a=2 c=1", 0: "a=2 c=1"} {
		if got := e.names(e.ranges(store.Range{Prefix: e.prefix, Revision: rev})); got != want {
			e.Errorf("at %d: %q, want %q", rev, got, want)
		}
	}
	e.update("a", "3", a2)
	if size, err := e.s.Size(e.ctx); err != nil || size <= 0 {
		e.Errorf("size %d, %v", size, err)
	}
}
