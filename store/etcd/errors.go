package etcd

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	etcderrors "go.etcd.io/etcd/server/v3/etcdserver/errors"
	"go.etcd.io/etcd/server/v3/lease"
	"go.etcd.io/etcd/server/v3/storage/mvcc"

	"github.com/nave-k8s/nave/store"
)

// LockedError: another process uses the folder.
type LockedError struct{ Dir string }

func (e *LockedError) Error() string {
	return fmt.Sprintf("the data in %s is in use by another process", e.Dir)
}

// errLeaseGone: the lease of a write has ended. Store.put asks for another.
var errLeaseGone = errors.New("etcdserver: requested lease not found")

// errFuture is turned into *store.FutureError by who knows the current revision.
var errFuture = errors.New("etcdserver: mvcc: required revision is a future revision")

// translate gives the errors of an etcd, called by function or over gRPC, the names of package store. A
// context's error stays what it is.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, mvcc.ErrCompacted):
		return &store.CompactedError{}
	case errors.Is(err, mvcc.ErrFutureRev):
		return errFuture
	case errors.Is(err, lease.ErrLeaseNotFound):
		return errLeaseGone
	case errors.Is(err, etcderrors.ErrRequestTooLarge):
		return store.ErrTooLarge
	case errors.Is(err, etcderrors.ErrCanceled):
		return context.Canceled
	case errors.Is(err, etcderrors.ErrStopped), errors.Is(err, etcderrors.ErrTimeout),
		errors.Is(err, etcderrors.ErrTimeoutDueToLeaderFail), errors.Is(err, etcderrors.ErrTimeoutDueToConnectionLost),
		errors.Is(err, etcderrors.ErrNoLeader), errors.Is(err, etcderrors.ErrLeaderChanged):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return translateGRPC(err)
}

func translateGRPC(err error) error {
	switch rpctypes.ErrorDesc(err) {
	case rpctypes.ErrorDesc(rpctypes.ErrGRPCCompacted):
		return &store.CompactedError{}
	case rpctypes.ErrorDesc(rpctypes.ErrGRPCFutureRev):
		return errFuture
	case rpctypes.ErrorDesc(rpctypes.ErrGRPCLeaseNotFound):
		return errLeaseGone
	case rpctypes.ErrorDesc(rpctypes.ErrGRPCRequestTooLarge):
		return store.ErrTooLarge
	}
	switch code(err) {
	case codes.Canceled:
		return context.Canceled
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	case codes.ResourceExhausted:
		// gRPC's own limit on a message, over etcd's on a request.
		if s, ok := status.FromError(err); ok && s.Message() != rpctypes.ErrorDesc(rpctypes.ErrGRPCNoSpace) &&
			s.Message() != rpctypes.ErrorDesc(rpctypes.ErrGRPCRequestTooManyRequests) {
			return store.ErrTooLarge
		}
	case codes.Unavailable:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

func code(err error) codes.Code {
	var known rpctypes.EtcdError
	if errors.As(err, &known) {
		return known.Code()
	}
	return status.Code(err)
}
