package resource

import (
	"context"
	"errors"
	"strings"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/store/cache"
)

// Follow tells apply of every object of a kind: first of those there are, then ready is called (nil for
// nobody), then of each change, until the context ends. Objects may be kept and must not be changed; gone
// says that the object is no more. When the cache has to begin anew, objects are told of again, and those
// that vanished meanwhile as gone. apply is called by this goroutine alone.
func (e *Engine) Follow(ctx context.Context, group, plural string, apply func(obj kinds.Object, gone bool), ready func()) error {
	known := map[string]kinds.Object{}
	return e.Track(ctx, group, plural, func(namespace, name string, obj kinds.Object) {
		key := namespace + "/" + name
		if obj != nil {
			known[key] = obj
			apply(obj, false)
			return
		}
		last := known[key]
		delete(known, key)
		apply(last, true)
	}, ready)
}

// Track is Follow for those who need no last look at what is gone: of that they are told by name, with no
// object. It keeps no objects.
func (e *Engine) Track(ctx context.Context, group, plural string, apply func(namespace, name string, obj kinds.Object), ready func()) error {
	res, err := e.stored(group, plural)
	if err != nil {
		return err
	}
	t := tracker{res: res, known: map[string]struct{}{}, apply: apply, ready: ready}
	for ctx.Err() == nil {
		err := e.track(ctx, &t)
		if err != nil && !errors.Is(err, cache.ErrExpired) && ctx.Err() == nil {
			return err
		}
	}
	return ctx.Err()
}

type tracker struct {
	res   *kinds.Resource
	known map[string]struct{} // keys told of
	apply func(namespace, name string, obj kinds.Object)
	ready func()
}

func (t *tracker) put(entry *cache.Entry) error {
	obj, err := codec.Decode(t.res, entry.Value, entry.Revision)
	if err != nil {
		return err
	}
	t.known[entry.Key] = struct{}{}
	t.apply(obj.GetNamespace(), obj.GetName(), obj)
	return nil
}

func (t *tracker) drop(key string) {
	if _, ok := t.known[key]; !ok {
		return
	}
	delete(t.known, key)
	namespace, name := "", strings.TrimPrefix(key, prefix(t.res, ""))
	if t.res.Namespaced {
		namespace, name, _ = strings.Cut(name, "/")
	}
	t.apply(namespace, name, nil)
}

func (e *Engine) track(ctx context.Context, t *tracker) error {
	index := e.index(t.res)
	snapshot, err := index.Consistent(ctx)
	if err != nil {
		return err
	}
	for key := range t.known {
		if snapshot.Get(key) == nil {
			t.drop(key)
		}
	}
	snapshot.Ascend(prefix(t.res, ""), "", func(entry *cache.Entry) bool {
		err = t.put(entry)
		return err == nil
	})
	if err != nil {
		return err
	}
	if t.ready != nil {
		t.ready()
		t.ready = nil
	}
	cursor, err := index.Watch(ctx, snapshot.Revision())
	if err != nil {
		return err
	}
	for {
		events, _, err := cursor.Next(ctx)
		if err != nil {
			return err
		}
		for _, ev := range events {
			if ev.Type == cache.Deleted {
				t.drop(ev.Entry.Key)
			} else if err := t.put(ev.Entry); err != nil {
				return err
			}
		}
	}
}
