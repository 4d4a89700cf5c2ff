package etcd

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	"go.etcd.io/etcd/client/pkg/v3/fileutil"
	"go.etcd.io/etcd/client/pkg/v3/types"
	"go.etcd.io/etcd/server/v3/config"
	"go.etcd.io/etcd/server/v3/etcdserver"
	"go.etcd.io/etcd/server/v3/features"
	"go.etcd.io/etcd/server/v3/storage"
	"go.etcd.io/raft/v3/raftpb"
)

// EmbeddedConfig is what Start needs to know.
type EmbeddedConfig struct {
	Dir string       // made if it does not exist; it holds what an etcd's --data-dir holds
	Log *slog.Logger // warnings and errors of etcd; nil for none
	// QuotaBytes is how large the database may grow; 0 for 8 GiB.
	QuotaBytes int64
}

// The member's name and address are etcd's defaults, so that a plain `etcd --data-dir` can serve the
// folder. Nothing ever listens there: a cluster of one has no peers.
const (
	memberName = "default"
	peerURL    = "http://localhost:2380"
)

const (
	// maxRequestBytes is etcd's default, the limit that Kubernetes' users know.
	maxRequestBytes = 1.5 * 1024 * 1024
	defaultQuota    = 8 << 30

	// Raft's ticks do nothing for a cluster of one once it has elected itself, which Start does not leave
	// to them; so they are slow, to let an idle process sleep. Their product is also the least lease: 4 s.
	tickMs        = 500
	electionTicks = 5

	// snapshotCount is how many writes of the log are read again after a restart. They are in memory until
	// the next writes push them out.
	snapshotCount = 5000
	// catchUpEntries is what is kept of the log in memory for followers that are behind: there are none.
	catchUpEntries = 16

	// The database file is written every batchInterval. That is no loss of durability: a write is
	// acknowledged when the log has it on disk. While it is written, nothing else is.
	batchInterval = 500 * time.Millisecond
	batchLimit    = 1000 // etcd keeps the values of a batch in memory, until the next overwrites them
)

// embedded is an etcd inside the process.
type embedded struct {
	srv   *etcdserver.EtcdServer
	quota storage.Quota
	lock  *fileutil.LockedFile
	// known is the newest revision that anybody was told of. It includes every acknowledged write, because
	// only this store can write.
	known atomic.Int64
}

// Start runs an etcd of one member on the folder and returns when it is ready. It listens nowhere.
// *LockedError if another process has the folder.
func Start(ctx context.Context, cfg EmbeddedConfig) (*Store, error) {
	lockfile, err := lock(cfg.Dir)
	if err != nil {
		return nil, err
	}
	srv, err := etcdserver.NewServer(serverConfig(cfg))
	if err != nil {
		lockfile.Close()
		return nil, fmt.Errorf("start etcd in %s: %w", cfg.Dir, err)
	}
	srv.Start()
	e := &embedded{srv: srv, lock: lockfile}
	if err := e.lead(ctx); err != nil {
		e.close()
		return nil, fmt.Errorf("start etcd in %s: %w", cfg.Dir, err)
	}
	e.quota = storage.NewBackendQuota(srv.Logger(), srv.Cfg.QuotaBackendBytes, srv.Backend(), "nave")
	e.known.Store(srv.KV().Rev())
	return newStore(e), nil
}

func serverConfig(cfg EmbeddedConfig) config.ServerConfig {
	log := zapTo(cfg.Log)
	peers := types.MustNewURLs([]string{peerURL})
	quota := cfg.QuotaBytes
	if quota == 0 {
		quota = defaultQuota
	}
	return config.ServerConfig{
		Name:                        memberName,
		DataDir:                     cfg.Dir,
		PeerURLs:                    peers,
		InitialPeerURLsMap:          types.URLsMap{memberName: peers},
		InitialClusterToken:         "etcd-cluster",
		NewCluster:                  true,
		StrictReconfigCheck:         true,
		SnapshotCount:               snapshotCount,
		SnapshotCatchUpEntries:      catchUpEntries,
		MaxSnapFiles:                2,
		MaxWALFiles:                 2,
		TickMs:                      tickMs,
		ElectionTicks:               electionTicks,
		PreVote:                     false,
		BackendBatchInterval:        batchInterval,
		BackendBatchLimit:           batchLimit,
		BackendFreelistType:         bolt.FreelistMapType,
		QuotaBackendBytes:           quota,
		MaxTxnOps:                   128,
		MaxRequestBytes:             maxRequestBytes,
		WarningApplyDuration:        time.Second,
		WarningUnaryRequestDuration: time.Second,
		CompactHashCheckTime:        time.Minute,
		DowngradeCheckTime:          time.Minute,
		MaxLearners:                 1,
		BcryptCost:                  10, // unused, and etcd warns of 0
		V2Deprecation:               config.V2DeprDefault,
		ServerFeatureGate:           features.NewDefaultServerFeatureGate(memberName, log),
		Metrics:                     "basic",
		Logger:                      log,
	}
}

// lead makes the only member the leader now, rather than when an election timeout has passed, and waits
// until it serves.
func (e *embedded) lead(ctx context.Context) error {
	self := uint64(e.srv.MemberID())
	campaign := time.NewTicker(2 * time.Millisecond)
	defer campaign.Stop()
	for {
		// Before the first entries of the log are applied the member may not campaign and ignores this.
		if e.srv.Lead() == 0 {
			now := &raftpb.Message{Type: raftpb.MsgTimeoutNow.Enum(), To: &self, From: &self}
			if err := e.srv.Process(ctx, now); err != nil {
				return err
			}
		}
		select {
		case <-e.srv.ReadyNotify():
			return nil
		case <-e.srv.StopNotify():
			return fmt.Errorf("etcd stopped")
		case <-ctx.Done():
			return ctx.Err()
		case <-campaign.C:
		}
	}
}

// tell records that somebody is told of the revision.
func (e *embedded) tell(rev int64) {
	for {
		known := e.known.Load()
		if rev <= known || e.known.CompareAndSwap(known, rev) {
			return
		}
	}
}

func (e *embedded) close() error {
	e.srv.Stop()
	return e.lock.Close()
}
