package server

import (
	"net/http"

	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/serve"
)

// pipeline is the way of a request, read forward. Stage 0 (server/serve) has made the record and read the
// URL; each stage adds to the record, and the first that answers or refuses ends the way. Stages 5 to 9 are
// called by stage 4, which knows when.
//
//	0 serve      TLS, HTTP/2, panic guard, deadline, audit id; the URL becomes a request record
//	1 authn      who is asking
//	2 flow       is there room
//	3 authz      may they
//	4 resource   one file per verb: decode, default, mutate, validate, review, store, respond
//	5 admit      mutate, then review
//	6 validate   pure rules, beside each kind (kinds)
//	7 store      etcd (store)
//	8 watch      the cache (store/cache)
//	9 respond    negotiate, encode
func (s *Server) pipeline() []serve.Stage {
	return []serve.Stage{
		{Name: "authn", Run: s.authn.Run},
		{Name: "flow", Run: s.flow},
		{Name: "authz", Run: s.authz.Run},
		{Name: "resource", Run: s.resource},
		{Name: "paths", Run: s.paths},
	}
}

// resource is stage 4 for what is a resource.
func (s *Server) resource(w http.ResponseWriter, r *request.Request) (done bool, err error) {
	if !r.IsResource || !s.groups[r.Group] {
		return false, nil
	}
	return true, s.engine.Serve(w, r)
}

// paths answers everything else: discovery, OpenAPI, health, metrics, version, profiles.
func (s *Server) paths(w http.ResponseWriter, r *request.Request) (done bool, err error) {
	if s.health.Serve(w, r) {
		return true, nil
	}
	if s.verbosity.Serve(w, r) {
		return true, nil
	}
	if h := s.routes[r.Path]; h != nil {
		return true, h(w, r)
	}
	if done, err := s.discovery.Serve(w, r); done || err != nil {
		return true, err
	}
	if s.openapi.Serve(w, r) || !s.NoProfiles && profiles(w, r) {
		return true, nil
	}
	http.NotFound(w, r.HTTP)
	return true, nil
}
