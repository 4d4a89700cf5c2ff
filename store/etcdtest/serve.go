// Package etcdtest serves an etcd over TCP, for tests of what uses a remote one. Only tests may use it.
package etcdtest

import (
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
)

// Serve starts an etcd of one member on a port of its own and returns its address. It stops with the test.
func Serve(t testing.TB) (endpoint string) {
	t.Helper()
	endpoint, _ = ServeDir(t, filepath.Join(t.TempDir(), "etcd"), "127.0.0.1:0")
	return endpoint
}

// ServeDir is Serve on a folder and address that the test chooses, with a way to stop before the test does: at once, as if
// the process had died, though what it was doing is finished.
func ServeDir(t testing.TB, dir, address string) (endpoint string, stop func()) {
	t.Helper()
	cfg := embed.NewConfig()
	cfg.Dir = dir
	at := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{at}, []url.URL{at}
	cfg.ListenPeerUrls = nil // a single member has no peers
	cfg.TickMs, cfg.ElectionMs = 10, 50
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	server, err := embed.StartEtcd(cfg)
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFront(address, server.Clients[0].Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		f.cut()
		server.Server.HardStop()
	})
	t.Cleanup(stop)
	select {
	case <-server.Server.ReadyNotify():
	case <-time.After(30 * time.Second):
		t.Fatal("etcd is not ready")
	}
	return f.listener.Addr().String(), stop
}
