package resource

import (
	"context"
	"errors"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/store/cache"
)

// Follow tells apply of every object of a kind: first of those there are, then ready is called (nil for
// nobody), then of each change, until the context ends. Objects may be kept and must not be changed; gone
// says that the object is no more. When the cache has to begin anew, objects are told of again, and those
// that vanished meanwhile as gone. apply is called by this goroutine alone.
func (e *Engine) Follow(ctx context.Context, group, plural string, apply func(obj kinds.Object, gone bool), ready func()) error {
	res, err := e.stored(group, plural)
	if err != nil {
		return err
	}
	known := map[string]kinds.Object{}
	for ctx.Err() == nil {
		err := e.followOnce(ctx, res, known, apply, &ready)
		if err != nil && !errors.Is(err, cache.ErrExpired) && ctx.Err() == nil {
			return err
		}
	}
	return ctx.Err()
}

func (e *Engine) followOnce(ctx context.Context, res *kinds.Resource, known map[string]kinds.Object, apply func(kinds.Object, bool), ready *func()) error {
	index := e.index(res)
	snapshot, err := index.Consistent(ctx)
	if err != nil {
		return err
	}
	put := func(entry *cache.Entry) error {
		obj, err := codec.Decode(res, entry.Value, entry.Revision)
		if err != nil {
			return err
		}
		known[entry.Key] = obj
		apply(obj, false)
		return nil
	}
	drop := func(key string) {
		if obj := known[key]; obj != nil {
			delete(known, key)
			apply(obj, true)
		}
	}
	for key := range known {
		if snapshot.Get(key) == nil {
			drop(key)
		}
	}
	snapshot.Ascend(prefix(res, ""), "", func(entry *cache.Entry) bool {
		err = put(entry)
		return err == nil
	})
	if err != nil {
		return err
	}
	if *ready != nil {
		(*ready)()
		*ready = nil
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
				drop(ev.Entry.Key)
			} else if err := put(ev.Entry); err != nil {
				return err
			}
		}
	}
}
