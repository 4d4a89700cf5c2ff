package server

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/features"
	"github.com/nave-k8s/nave/server/flow"
	"github.com/nave-k8s/nave/server/metrics"
	"github.com/nave-k8s/nave/server/resource"
	"github.com/nave-k8s/nave/server/statusz"
	"github.com/nave-k8s/nave/server/version"
	"github.com/nave-k8s/nave/store"
)

// nonResourcePaths are the paths that / lists beside those of the API.
var nonResourcePaths = []string{
	"/.well-known/openid-configuration", "/flagz", "/healthz", "/livez", "/metrics", "/metrics/slis",
	"/openapi/v2", "/openapi/v3", "/openapi/v3/", "/openid/v1/jwks", "/readyz", "/statusz", "/version",
}

// observe sets up what tells about the server.
func (s *Server) observe(chain *admit.Chain) {
	info := version.Info()
	c := metrics.Config{
		Resource: s.served, State: s.state(),
		Build: map[string]string{
			"build_date": info.BuildDate, "compiler": info.Compiler, "git_commit": info.GitCommit, "git_tree_state": info.GitTreeState,
			"git_version": info.GitVersion, "go_version": info.GoVersion, "major": info.Major, "minor": info.Minor, "platform": info.Platform,
		},
	}
	for _, g := range features.Gates() {
		c.Features = append(c.Features, metrics.Feature{Name: g.Name, Stage: g.Stage, On: g.On})
	}
	s.metrics = metrics.New(c)
	chain.Time(func(name string, op admit.Operation, mutating bool) admit.Timer {
		return s.metrics.Admission(name, string(op), mutating)
	})
	if s.fair != nil {
		s.fair.Observe(func(schema, level string) flow.Counts { return s.metrics.Flow(schema, level) })
	}
	pages := &statusz.Server{
		Name: "apiserver", Started: s.Now(), Now: s.Now, Go: runtime.Version(),
		Binary: strings.TrimPrefix(version.Kubernetes, "v"), Emulation: version.Documents, Flags: s.Flags,
		Paths: []string{"/flagz", "/healthz", "/livez", "/metrics", "/readyz", "/statusz", "/version"},
	}
	for path, h := range map[string]resource.Handler{
		"/metrics": s.metrics.Serve, "/metrics/slis": s.metrics.ServeSLIs, "/statusz": pages.ServeStatus, "/flagz": pages.ServeFlags,
	} {
		s.routes[path] = h
	}
	s.health.Observe = s.metrics.Checked
	s.verbosity = statusz.Verbosity{Set: s.SetVerbosity}
}

// served tells metrics about a resource.
func (s *Server) served(group, version, plural, subresource string) (served, deprecated bool) {
	r := s.Kinds.Resource(schema.GroupVersionResource{Group: group, Version: version, Resource: plural})
	if r == nil || subresource != "" && r.Subresource(subresource) == nil {
		return false, false
	}
	return true, r.Deprecated != ""
}

// How long what metrics tell of the database is kept, and how long it may take to learn it.
const (
	stateKept    = 30 * time.Second
	stateTimeout = 5 * time.Second
)

// state returns how metrics learn about the database. What the watch cache does not hold is counted there.
func (s *Server) state() func() metrics.State {
	var mu sync.Mutex
	var size, counted = int64(-1), time.Time{}
	counts := map[string]int64{}
	return func() metrics.State {
		ctx, cancel := context.WithTimeout(context.Background(), stateTimeout)
		defer cancel()
		mu.Lock()
		defer mu.Unlock()
		stale := s.Now().Sub(counted) > stateKept
		if stale {
			counted = s.Now()
			if n, err := s.Store.Size(ctx); err == nil {
				size = n
			}
		}
		out := metrics.State{Size: size, Cluster: "etcd-0"}
		if s.fair != nil {
			for _, l := range s.fair.State() {
				s.metrics.FlowLevel(l.Name, l.Nominal)
			}
		}
		for _, u := range s.engine.Usage() {
			if u.Count < 0 {
				if _, known := counts[u.Prefix]; stale || !known {
					counts[u.Prefix] = -1
					if page, err := s.Store.Range(ctx, store.Range{Prefix: u.Prefix, CountOnly: true}); err == nil {
						counts[u.Prefix] = page.Count
					}
				}
				u.Count = counts[u.Prefix]
			}
			out.Objects = append(out.Objects, metrics.Objects{Group: u.Group, Plural: u.Plural, Count: u.Count, Received: u.Received})
		}
		return out
	}
}
