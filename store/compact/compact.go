// Package compact makes the database forget what nobody needs any more: what was before the revision of
// one interval ago. Any number of servers, kube-apiservers among them, may run it on one database: they
// agree by the key compact_rev_key, and in each interval one of them compacts.
//
// server runs it, once per server.
package compact

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/nave-k8s/nave/store"
)

// Key is where the servers agree. Its value is the revision last compacted, as text.
const Key = "compact_rev_key"

// Compactor is one server's part in it.
type Compactor struct {
	store store.Store
	log   *slog.Logger

	turn int64 // the revision of Key when last seen, 0 if it did not exist
	rev  int64 // the store's revision then, 0 if not yet known
}

// New returns a compactor of the store.
func New(s store.Store, log *slog.Logger) *Compactor {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Compactor{store: s, log: log}
}

// Run takes a turn at every interval until the context ends; at none if the interval is 0.
func (c *Compactor) Run(ctx context.Context, interval time.Duration) {
	if interval <= 0 {
		return
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := c.Turn(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("compaction failed; trying again at the next interval", "err", err)
		}
	}
}

// Turn compacts to the revision that the store had at the turn before, unless another server has had a turn
// since; then it only takes note. So the first turn of the first server compacts nothing.
func (c *Compactor) Turn(ctx context.Context) error {
	turn, won, err := c.swap(ctx)
	if err != nil {
		return err
	}
	now, err := c.store.Revision(ctx)
	if err != nil {
		return err
	}
	old := c.rev
	c.turn, c.rev = turn, now
	if !won || old == 0 {
		return nil
	}
	if err := c.store.Compact(ctx, old); err != nil {
		var compacted *store.CompactedError
		if errors.As(err, &compacted) { // somebody did more than we would
			return nil
		}
		return err
	}
	c.log.Debug("compacted", "revision", old)
	return nil
}

// swap writes Key if nobody has since the last turn, and returns where it now stands.
func (c *Compactor) swap(ctx context.Context) (turn int64, won bool, err error) {
	value := []byte(strconv.FormatInt(c.rev, 10))
	if c.turn == 0 {
		turn, err = c.store.Create(ctx, Key, value, 0)
	} else {
		turn, err = c.store.Update(ctx, Key, value, c.turn, 0)
	}
	if err == nil {
		return turn, true, nil
	}
	var exists *store.ExistsError
	var conflict *store.ConflictError
	if errors.As(err, &conflict) {
		return at(conflict.Current), false, nil
	}
	if !errors.As(err, &exists) {
		return 0, false, err
	}
	kv, _, err := c.store.Get(ctx, Key)
	return at(kv), false, err
}

func at(kv *store.KeyValue) int64 {
	if kv == nil {
		return 0
	}
	return kv.Revision
}
