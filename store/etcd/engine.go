package etcd

import (
	"context"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"github.com/nave-k8s/nave/store"
)

// engine is what differs between the etcd inside the process and a cluster. Errors are those of package
// store.
type engine interface {
	get(ctx context.Context, key string) (*store.KeyValue, int64, error)
	keys(ctx context.Context, r store.Range) (store.Page, error)
	txn(ctx context.Context, r *pb.TxnRequest) (*pb.TxnResponse, error)
	grant(ctx context.Context, ttl int64) (lease int64, err error)
	revision(ctx context.Context) (int64, error)
	watch(ctx context.Context, prefix string, after int64) store.Watch
	compact(ctx context.Context, revision int64) error
	size(ctx context.Context) (int64, error)
	close() error
}

// span returns the first key of a range and the key after its last.
func span(r store.Range) (from, end []byte) {
	first := r.Prefix
	if r.From > first {
		first = r.From
	}
	if first == "" {
		first = "\x00" // etcd's name for the first key there can be
	}
	return []byte(first), after(r.Prefix)
}

// after returns the first key behind all that start with the prefix; empty, not nil, if there is none.
func after(prefix string) []byte {
	end := []byte(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xff {
			end[i]++
			return end[:i+1]
		}
	}
	return []byte{}
}
