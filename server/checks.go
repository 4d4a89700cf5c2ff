package server

import (
	"context"
	"time"

	"github.com/nave-k8s/nave/server/health"
	"github.com/nave-k8s/nave/server/request"
)

// checks are the health checks, named as kube-apiserver names them.
func (s *Server) checks() *health.Checks {
	ok := func(*request.Request) error { return nil }
	etcd := func(timeout time.Duration) func(*request.Request) error {
		return func(r *request.Request) error {
			ctx, cancel := context.WithTimeout(r.HTTP.Context(), timeout)
			defer cancel()
			_, err := s.Store.Revision(ctx)
			return err
		}
	}
	return &health.Checks{
		Common: []health.Check{{Name: "ping", Run: ok}, {Name: "log", Run: ok}, {Name: "etcd", Run: etcd(s.HealthTimeout)}},
		Ready:  []health.Check{{Name: "etcd-readiness", Run: etcd(s.ReadyTimeout)}, {Name: "informer-sync", Run: ok}},
	}
}
