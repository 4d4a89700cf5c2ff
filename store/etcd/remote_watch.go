package etcd

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/nave-k8s/nave/store"
)

func (r *remote) watch(ctx context.Context, prefix string, rev int64) store.Watch {
	w := newWatch(ctx)
	// A stream of its own, because etcd answers a request for progress for all watches of a stream, and
	// only once none of them is behind. The client resumes a broken stream where it was.
	watcher := clientv3.NewWatcher(r.client)
	streamCtx := clientv3.WithRequireLeader(w.ctx)
	responses := watcher.Watch(streamCtx, prefix, clientv3.WithPrefix(), clientv3.WithRev(rev+1))
	w.progress = func(context.Context) error { return translate(watcher.RequestProgress(streamCtx)) }
	go func() {
		defer watcher.Close()
		w.end(relay(w, responses))
	}()
	return w
}

// relay sends what the client receives and returns why it ended.
func relay(w *watch, responses clientv3.WatchChan) error {
	for resp := range responses {
		if resp.CompactRevision != 0 {
			return &store.CompactedError{Oldest: resp.CompactRevision}
		}
		if err := resp.Err(); err != nil {
			return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
		if len(resp.Events) == 0 && !resp.IsProgressNotify() {
			continue
		}
		if !w.send(add(store.Batch{}, resp.Events, resp.Header.Revision)) {
			break
		}
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: the watch ended", store.ErrUnavailable)
}
