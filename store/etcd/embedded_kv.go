package etcd

import (
	"context"
	"errors"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/pkg/v3/traceutil"
	"go.etcd.io/etcd/server/v3/storage/mvcc"

	"github.com/nave-k8s/nave/store"
)

var errNoSpace = errors.New("etcdserver: mvcc: database space exceeded")

// The only member of a cluster need not ask others what is newest: what is applied is, and a write is
// acknowledged after it is applied. So reads go to the key-value store directly.

func (e *embedded) get(ctx context.Context, key string) (*store.KeyValue, int64, error) {
	// The shared buffer holds back writers while one key is read; a copy of the buffer would cost more.
	tx := e.srv.KV().Read(mvcc.SharedBufReadTxMode, traceutil.TODO())
	r, err := tx.Range(ctx, []byte(key), nil, mvcc.RangeOptions{})
	tx.End()
	if err != nil {
		return nil, 0, translate(err)
	}
	e.tell(r.Rev)
	if len(r.KVs) == 0 {
		return nil, r.Rev, nil
	}
	return &store.KeyValue{Key: key, Value: r.KVs[0].Value, Revision: r.KVs[0].ModRevision}, r.Rev, nil
}

func (e *embedded) keys(ctx context.Context, r store.Range) (store.Page, error) {
	from, end := span(r)
	tx := e.srv.KV().Read(mvcc.ConcurrentReadTxMode, traceutil.TODO())
	defer tx.End()
	opt := mvcc.RangeOptions{Rev: r.Revision, CountOnly: r.CountOnly, Limit: r.Limit, WithTotalCount: true}
	res, err := tx.Range(ctx, from, end, opt)
	if err != nil {
		switch err := translate(err); {
		case err == errFuture:
			return store.Page{}, &store.FutureError{Current: tx.Rev()}
		case isCompacted(err):
			return store.Page{}, &store.CompactedError{Oldest: tx.FirstRev()}
		default:
			return store.Page{}, err
		}
	}
	e.tell(res.Rev)
	page := store.Page{Revision: res.Rev, Count: int64(res.Count)}
	if r.Revision > 0 {
		page.Revision = r.Revision
	}
	if len(res.KVs) > 0 {
		page.Items = make([]store.KeyValue, len(res.KVs))
		for i, kv := range res.KVs {
			page.Items[i] = keyValue(kv)
		}
	}
	page.More = !r.CountOnly && int64(len(res.KVs)) < page.Count
	return page, nil
}

func isCompacted(err error) bool {
	var compacted *store.CompactedError
	return errors.As(err, &compacted)
}

func (e *embedded) txn(ctx context.Context, r *pb.TxnRequest) (*pb.TxnResponse, error) {
	if !e.quota.Available(r) {
		e.full(ctx)
		if r.Success[0].GetRequestDeleteRange() == nil { // who deletes makes room
			return nil, errNoSpace
		}
	}
	resp, err := e.srv.Txn(ctx, r)
	if err != nil {
		return nil, translate(err)
	}
	if resp.Succeeded {
		e.tell(resp.Header.Revision)
	}
	return resp, nil
}

// full raises the alarm that an etcd that serves clients would raise, for whoever looks at the folder next.
func (e *embedded) full(ctx context.Context) {
	e.srv.Alarm(ctx, &pb.AlarmRequest{
		MemberID: uint64(e.srv.MemberID()),
		Action:   pb.AlarmRequest_ACTIVATE,
		Alarm:    pb.AlarmType_NOSPACE,
	})
}

func (e *embedded) grant(ctx context.Context, ttl int64) (int64, error) {
	resp, err := e.srv.LeaseGrant(ctx, &pb.LeaseGrantRequest{TTL: ttl})
	if err != nil {
		return 0, translate(err)
	}
	return resp.ID, nil
}

func (e *embedded) revision(context.Context) (int64, error) { return e.known.Load(), nil }

func (e *embedded) compact(ctx context.Context, revision int64) error {
	_, err := e.srv.Compact(ctx, &pb.CompactionRequest{Revision: revision})
	if err = translate(err); err == errFuture {
		return &store.FutureError{Current: e.srv.KV().Rev()}
	}
	return err
}

func (e *embedded) size(context.Context) (int64, error) { return e.srv.Backend().Size(), nil }
