package etcd

import (
	"context"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"

	"github.com/nave-k8s/nave/store"
)

// Store implements store.Store. Make one with Start or Dial.
type Store struct {
	engine engine
	leases leases
}

var _ store.Store = (*Store)(nil)

func newStore(e engine) *Store {
	s := &Store{engine: e}
	s.leases.init(e.grant)
	return s
}

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, key string) (*store.KeyValue, int64, error) {
	return s.engine.get(ctx, key)
}

// Range implements store.Store.
func (s *Store) Range(ctx context.Context, r store.Range) (store.Page, error) {
	return s.engine.keys(ctx, r)
}

// Create implements store.Store.
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl int64) (int64, error) {
	rev, current, err := s.put(ctx, key, value, 0, ttl)
	if current.found {
		return 0, &store.ExistsError{Key: key}
	}
	return rev, err
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, key string, value []byte, revision, ttl int64) (int64, error) {
	if revision <= 0 { // for etcd 0 is "does not exist", and this is no Create
		return 0, s.conflict(ctx, key)
	}
	rev, current, err := s.put(ctx, key, value, revision, ttl)
	if current.lost {
		return 0, &store.ConflictError{Key: key, Current: current.kv}
	}
	return rev, err
}

// Delete implements store.Store.
func (s *Store) Delete(ctx context.Context, key string, revision int64) (int64, error) {
	if revision <= 0 {
		return 0, s.conflict(ctx, key)
	}
	k := []byte(key)
	resp, err := s.engine.txn(ctx, swap(k, revision, &pb.RequestOp{Request: &pb.RequestOp_RequestDeleteRange{
		RequestDeleteRange: &pb.DeleteRangeRequest{Key: k},
	}}))
	if err != nil {
		return 0, err
	}
	if !resp.Succeeded {
		return 0, &store.ConflictError{Key: key, Current: found(key, resp).kv}
	}
	return resp.Header.Revision, nil
}

// conflict is the answer to a write that no revision of the key can satisfy.
func (s *Store) conflict(ctx context.Context, key string) error {
	kv, _, err := s.engine.get(ctx, key)
	if err != nil {
		return err
	}
	return &store.ConflictError{Key: key, Current: kv}
}

// put writes the key if its last write was at revision, 0 for a key that does not exist.
func (s *Store) put(ctx context.Context, key string, value []byte, revision, ttl int64) (int64, loser, error) {
	k := []byte(key)
	for {
		lease, err := s.leases.id(ctx, ttl)
		if err != nil {
			return 0, loser{}, err
		}
		resp, err := s.engine.txn(ctx, swap(k, revision, &pb.RequestOp{Request: &pb.RequestOp_RequestPut{
			RequestPut: &pb.PutRequest{Key: k, Value: value, Lease: lease},
		}}))
		if err == errLeaseGone && s.leases.forget(ttl, lease) {
			continue
		}
		if err != nil {
			return 0, loser{}, err
		}
		if !resp.Succeeded {
			return 0, found(key, resp), nil
		}
		return resp.Header.Revision, loser{}, nil
	}
}

// swap is the transaction that does op if the key's last write was at revision, and else reads the key.
func swap(key []byte, revision int64, op *pb.RequestOp) *pb.TxnRequest {
	return &pb.TxnRequest{
		Compare: []*pb.Compare{{
			Key:         key,
			Target:      pb.Compare_MOD,
			Result:      pb.Compare_EQUAL,
			TargetUnion: &pb.Compare_ModRevision{ModRevision: revision},
		}},
		Success: []*pb.RequestOp{op},
		Failure: []*pb.RequestOp{{Request: &pb.RequestOp_RequestRange{
			RequestRange: &pb.RangeRequest{Key: key},
		}}},
	}
}

// loser is what a write that lost found in its place.
type loser struct {
	lost, found bool
	kv          *store.KeyValue
}

func found(key string, resp *pb.TxnResponse) loser {
	kvs := resp.Responses[0].GetResponseRange().Kvs
	if len(kvs) == 0 {
		return loser{lost: true}
	}
	return loser{lost: true, found: true, kv: &store.KeyValue{Key: key, Value: kvs[0].Value, Revision: kvs[0].ModRevision}}
}

func keyValue(kv *mvccpb.KeyValue) store.KeyValue {
	return store.KeyValue{Key: string(kv.Key), Value: kv.Value, Revision: kv.ModRevision}
}

// Revision implements store.Store.
func (s *Store) Revision(ctx context.Context) (int64, error) { return s.engine.revision(ctx) }

// Watch implements store.Store.
func (s *Store) Watch(ctx context.Context, prefix string, after int64) store.Watch {
	return s.engine.watch(ctx, prefix, after)
}

// Compact implements store.Store.
func (s *Store) Compact(ctx context.Context, revision int64) error {
	return s.engine.compact(ctx, revision)
}

// Size implements store.Store.
func (s *Store) Size(ctx context.Context) (int64, error) { return s.engine.size(ctx) }

// Close implements store.Store. It stops the etcd that Start started.
func (s *Store) Close() error { return s.engine.close() }
