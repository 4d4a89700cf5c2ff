package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nave-k8s/nave/store"
)

// Random does the same random operations to two stores and compares all that they answer, revisions
// relative to where each began. A failure prints the seed; run again with it to see the same.
func Random(t *testing.T, a, b store.Store, seed uint64, steps int) {
	t.Logf("seed %d", seed)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r := rand.New(rand.NewPCG(seed, 0))
	pair := [2]*player{play(t, ctx, a), play(t, ctx, b)}
	for n := range steps {
		op := choose(r)
		x, y := op.run(pair[0]), op.run(pair[1])
		if x != y {
			t.Fatalf("seed %d, step %d, %+v:\n%s\n%s", seed, n, op, x, y)
		}
	}
	for _, p := range pair {
		defer p.watch.Stop()
		if err := p.readWatch(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	if x, y := pair[0].seen, pair[1].seen; x != y {
		t.Fatalf("seed %d, watches differ:\n%s\n%s", seed, x, y)
	}
}

// player is one store and what the operations need to know of it.
type player struct {
	ctx    context.Context
	s      store.Store
	start  int64
	revs   map[string]int64 // of keys, as last written
	oldest int64
	last   int64
	watch  store.Watch
	seen   string
	at     int64 // how far seen is
}

func play(t *testing.T, ctx context.Context, s store.Store) *player {
	start, err := s.Revision(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return &player{
		ctx: ctx, s: s, start: start, last: start, at: start, oldest: start, revs: map[string]int64{},
		watch: s.Watch(ctx, randomPrefix, start),
	}
}

const randomPrefix = "/random/"

// operation is chosen before it is done, to be done alike to both.
type operation struct {
	kind  int
	key   string
	value string
	stale bool  // with a revision that is wrong
	back  int64 // this many revisions ago
	limit int64
}

func choose(r *rand.Rand) operation {
	return operation{
		kind: r.IntN(12), key: fmt.Sprintf("%s%c/%d", randomPrefix, 'a'+rune(r.IntN(3)), r.IntN(5)),
		value: fmt.Sprint(r.IntN(1000)), stale: r.IntN(5) == 0, back: int64(r.IntN(30)), limit: int64(r.IntN(4)),
	}
}

func (o operation) run(p *player) string {
	rev := p.revs[o.key]
	if o.stale {
		rev--
	}
	switch o.kind {
	case 0, 1, 2:
		got, err := p.s.Create(p.ctx, o.key, []byte(o.value), 0)
		return p.wrote(o.key, got, err)
	case 3, 4, 5:
		got, err := p.s.Update(p.ctx, o.key, []byte(o.value), rev, 0)
		return p.wrote(o.key, got, err)
	case 6, 7:
		got, err := p.s.Delete(p.ctx, o.key, rev)
		return p.wrote(o.key, got, err)
	case 8:
		kv, _, err := p.s.Get(p.ctx, o.key)
		return p.text(kv) + p.failure(err)
	case 9, 10:
		at := int64(0)
		if o.stale {
			at = max(p.last-o.back, 1)
		}
		page, err := p.s.Range(p.ctx, store.Range{Prefix: o.key[:len(o.key)-1], From: o.key, Limit: o.limit, Revision: at, CountOnly: o.back == 0})
		out := fmt.Sprintf("more %v count %d ", page.More, page.Count)
		for _, kv := range page.Items {
			out += p.text(&kv)
		}
		return out + p.failure(err)
	}
	if o.back != 0 || p.last <= p.oldest+5 {
		return ""
	}
	if err := p.readWatch(); err != nil { // a watch that is behind may not survive
		return err.Error()
	}
	p.oldest = p.last - 5
	return p.failure(p.s.Compact(p.ctx, p.oldest))
}

func (p *player) wrote(key string, rev int64, err error) string {
	if err != nil {
		return p.failure(err)
	}
	p.revs[key], p.last = rev, rev
	return fmt.Sprint("wrote ", rev-p.start)
}

func (p *player) text(kv *store.KeyValue) string {
	if kv == nil {
		return "none "
	}
	return fmt.Sprintf("%s=%s@%d ", kv.Key, kv.Value, kv.Revision-p.start)
}

func (p *player) failure(err error) string {
	var exists *store.ExistsError
	var conflict *store.ConflictError
	var compacted *store.CompactedError
	var future *store.FutureError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &exists):
		return "exists " + exists.Key
	case errors.As(err, &conflict):
		return "conflict " + p.text(conflict.Current)
	case errors.As(err, &compacted):
		return "compacted"
	case errors.As(err, &future):
		return fmt.Sprint("future ", future.Current-p.start)
	}
	return err.Error()
}

// readWatch writes down what the watch has to tell of all that was written.
func (p *player) readWatch() error {
	for p.at < p.last {
		select {
		case b, ok := <-p.watch.Batches():
			if !ok {
				return p.watch.Err()
			}
			p.at = b.Revision
			for _, e := range b.Events {
				p.seen += fmt.Sprintf("%d %s=%s@%d %v\n", e.Type, e.Key, e.Value, e.Revision-p.start, e.Created)
			}
		case <-p.ctx.Done():
			return fmt.Errorf("the watch stays at %d, before %d", p.at, p.last)
		}
	}
	return nil
}
