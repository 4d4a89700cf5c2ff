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
	endpoint, _ = ServeDir(t, filepath.Join(t.TempDir(), "etcd"))
	return endpoint
}

// ServeDir is Serve on a folder, with a way to stop before the test does.
func ServeDir(t testing.TB, dir string) (endpoint string, stop func()) {
	t.Helper()
	cfg := embed.NewConfig()
	cfg.Dir = dir
	any := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{any}, []url.URL{any}
	cfg.ListenPeerUrls = nil // a single member has no peers
	cfg.TickMs, cfg.ElectionMs = 10, 50
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	server, err := embed.StartEtcd(cfg)
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		for _, l := range server.Clients { // Close would wait for watches to end by themselves
			l.Close()
		}
		server.Server.HardStop()
	})
	t.Cleanup(stop)
	select {
	case <-server.Server.ReadyNotify():
	case <-time.After(30 * time.Second):
		t.Fatal("etcd is not ready")
	}
	return server.Clients[0].Addr().String(), stop
}
