package etcd

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc"

	"github.com/nave-k8s/nave/store"
)

// RemoteConfig is what Dial needs to know.
type RemoteConfig struct {
	Endpoints []string
	TLS       *tls.Config // nil for plain text
	Log       *slog.Logger
}

const (
	keepAliveTime    = 30 * time.Second
	keepAliveTimeout = 10 * time.Second
	// probeKey is read where only the answer's header matters; nobody writes it.
	probeKey = "nave/probe"
)

// remote is an etcd cluster.
type remote struct {
	client   *clientv3.Client
	kv       pb.KVClient
	lessor   pb.LeaseClient
	newest   coalesced
	maintain clientv3.Maintenance
}

// Dial connects to a cluster and returns when it has answered once. The context bounds that only.
func Dial(ctx context.Context, cfg RemoteConfig) (*Store, error) {
	client, err := clientv3.New(clientv3.Config{
		Endpoints:            cfg.Endpoints,
		TLS:                  cfg.TLS,
		DialKeepAliveTime:    keepAliveTime,
		DialKeepAliveTimeout: keepAliveTimeout,
		Logger:               zapTo(cfg.Log),
		DialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.MaxCallSendMsgSize(2<<20),
		)},
	})
	if err != nil {
		return nil, fmt.Errorf("etcd at %s: %w", strings.Join(cfg.Endpoints, ","), err)
	}
	r := &remote{
		client: client, kv: clientv3.RetryKVClient(client), lessor: clientv3.RetryLeaseClient(client),
		maintain: clientv3.NewMaintenance(client),
	}
	r.newest.read = r.probe
	if _, err := r.probe(ctx); err != nil {
		client.Close()
		return nil, fmt.Errorf("etcd at %s: %w", strings.Join(cfg.Endpoints, ","), err)
	}
	return newStore(r), nil
}

func (r *remote) get(ctx context.Context, key string) (*store.KeyValue, int64, error) {
	resp, err := r.kv.Range(ctx, &pb.RangeRequest{Key: []byte(key)})
	if err != nil {
		return nil, 0, translate(err)
	}
	if len(resp.Kvs) == 0 {
		return nil, resp.Header.Revision, nil
	}
	kv := resp.Kvs[0]
	return &store.KeyValue{Key: key, Value: kv.Value, Revision: kv.ModRevision}, resp.Header.Revision, nil
}

func (r *remote) keys(ctx context.Context, q store.Range) (store.Page, error) {
	from, end := span(q)
	if len(end) == 0 {
		end = []byte{0} // over gRPC this is "to the end"
	}
	resp, err := r.kv.Range(ctx, &pb.RangeRequest{
		Key: from, RangeEnd: end, Limit: q.Limit, Revision: q.Revision, CountOnly: q.CountOnly,
	})
	if err != nil {
		return store.Page{}, r.future(ctx, translate(err))
	}
	page := store.Page{Revision: resp.Header.Revision, More: resp.More && !q.CountOnly, Count: resp.Count}
	if q.Revision > 0 {
		page.Revision = q.Revision
	}
	if len(resp.Kvs) > 0 {
		page.Items = make([]store.KeyValue, len(resp.Kvs))
		for i, kv := range resp.Kvs {
			page.Items[i] = keyValue(kv)
		}
	}
	return page, nil
}

// future completes the error of a revision that is not reached with the one that is.
func (r *remote) future(ctx context.Context, err error) error {
	if err != errFuture {
		return err
	}
	current, perr := r.probe(ctx)
	if perr != nil {
		return perr
	}
	return &store.FutureError{Current: current}
}

func (r *remote) txn(ctx context.Context, req *pb.TxnRequest) (*pb.TxnResponse, error) {
	resp, err := r.kv.Txn(ctx, req)
	return resp, translate(err)
}

func (r *remote) grant(ctx context.Context, ttl int64) (int64, error) {
	resp, err := r.lessor.LeaseGrant(ctx, &pb.LeaseGrantRequest{TTL: ttl})
	if err != nil {
		return 0, translate(err)
	}
	return resp.ID, nil
}

func (r *remote) revision(ctx context.Context) (int64, error) { return r.newest.get(ctx) }

// probe reads linearizably and returns the revision of the answer.
func (r *remote) probe(ctx context.Context) (int64, error) {
	resp, err := r.kv.Range(ctx, &pb.RangeRequest{Key: []byte(probeKey), CountOnly: true})
	if err != nil {
		return 0, translate(err)
	}
	return resp.Header.Revision, nil
}

func (r *remote) compact(ctx context.Context, revision int64) error {
	_, err := r.kv.Compact(ctx, &pb.CompactionRequest{Revision: revision})
	return r.future(ctx, translate(err))
}

func (r *remote) size(ctx context.Context) (int64, error) {
	var last error
	for _, endpoint := range r.client.Endpoints() {
		status, err := r.maintain.Status(ctx, endpoint)
		if err == nil {
			return status.DbSize, nil
		}
		last = translate(err)
	}
	return 0, last
}

func (r *remote) close() error { return r.client.Close() }
