package etcd

import (
	"context"
	"fmt"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/storage/mvcc"

	"github.com/nave-k8s/nave/store"
)

// mergeAtMost bounds how many of etcd's responses, each a revision or a few, become one Batch.
const mergeAtMost = 256

func (e *embedded) watch(ctx context.Context, prefix string, rev int64) store.Watch {
	w := newWatch(ctx)
	from, end := span(store.Range{Prefix: prefix})
	stream := e.srv.KV().NewWatchStream()
	id, err := stream.Watch(ctx, clientv3.AutoWatchID, from, end, rev+1)
	if err != nil {
		stream.Close()
		w.end(err)
		return w
	}
	w.progress = func(context.Context) error {
		stream.RequestProgress(id)
		return nil
	}
	go e.deliver(w, stream)
	return w
}

// deliver moves what the stream sends into batches until one of them ends.
func (e *embedded) deliver(w *watch, stream mvcc.WatchStream) {
	defer stream.Close()
	for {
		var resp mvcc.WatchResponse
		select {
		case resp = <-stream.Chan():
		case <-w.ctx.Done():
			w.end(w.ctx.Err())
			return
		case <-e.srv.StoppingNotify():
			w.end(fmt.Errorf("%w: etcd stopped", store.ErrUnavailable))
			return
		}
		var b store.Batch
		for merged := 0; ; merged++ {
			if resp.CompactRevision != 0 {
				w.end(&store.CompactedError{Oldest: resp.CompactRevision})
				return
			}
			mvcc.ReportEventReceived(len(resp.Events))
			b = add(b, resp.Events, resp.Revision)
			if merged == mergeAtMost {
				break
			}
			select {
			case resp = <-stream.Chan():
				continue
			default:
			}
			break
		}
		e.tell(b.Revision)
		if !w.send(b) {
			w.end(w.ctx.Err())
			return
		}
	}
}

// add appends a response to a batch. With events, the watch has seen everything up to the last of them:
// the response's own revision may be newer than events that are still to come. Without, it is progress.
func add(b store.Batch, events []*mvccpb.Event, revision int64) store.Batch {
	if len(events) == 0 {
		b.Revision = max(b.Revision, revision)
		return b
	}
	if b.Events == nil {
		b.Events = make([]store.Event, 0, len(events))
	}
	for _, e := range events {
		out := store.Event{Key: string(e.Kv.Key), Revision: e.Kv.ModRevision}
		if e.Type == mvccpb.Event_DELETE {
			out.Type = store.Delete
		} else {
			out.Value = e.Kv.Value
			out.Created = e.Kv.CreateRevision == e.Kv.ModRevision
		}
		b.Events = append(b.Events, out)
	}
	b.Revision = events[len(events)-1].Kv.ModRevision
	return b
}
