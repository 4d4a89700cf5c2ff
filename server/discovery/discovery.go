// Package discovery answers the paths that describe the API: /, /api, /apis and below, in the form that clients
// have read since version 1 (lists of versions, groups and resources) and in the aggregated form (one
// document with everything, KEP-3352). It belongs to stage 0: server/serve asks it about paths that name no
// resource. Everything is computed from a kinds.Set; when the set changes, the owner calls Update.
//
// The folder openapi below does the same for /openapi.
package discovery

import (
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// A Discovery answers from the set it was last given. It is safe for concurrent use.
type Discovery struct {
	address string
	paths   []string
	current atomic.Pointer[documents]
}

// documents are all answers for one set. They are encoded when first asked for, and kept.
type documents struct {
	root           []byte
	core, groups   *document            // /api and /apis
	group          map[string]*document // by name of the group, "" is not there
	version        map[string]*document // by group version, as in a path: "v1", "apps/v1"
	aggregatedCore *document
	aggregated     *document
	custom         map[string]bool // groups that have custom resources alone
}

// New returns a Discovery for a set. Address is "host:port" by which clients outside reach the server; it
// stands in the answer of /api. Paths are those of the server besides discovery; / lists them, too.
func New(address string, set *kinds.Set, paths ...string) *Discovery {
	d := &Discovery{address: address, paths: paths}
	d.Update(set)
	return d
}

// Update makes a new set the one that is described.
func (d *Discovery) Update(set *kinds.Set) {
	docs := describe(d.address, set)
	docs.root = rootPaths(set, d.paths)
	d.current.Store(docs)
}

// Serve answers a request for a path of discovery. It reports false, and has done nothing, if there is no
// such document: the answer is then that of any path that leads nowhere. An error is an API status that
// the caller answers with.
func (d *Discovery) Serve(w http.ResponseWriter, r *request.Request) (bool, error) {
	docs := d.current.Load()
	path := r.HTTP.URL.Path
	switch strings.TrimSuffix(path, "/") {
	case "", "/index.html":
		docs.serveRoot(w)
		return true, nil
	case "/api":
		return true, docs.serveCore(w, r)
	case "/apis":
		return true, docs.serveGroups(w, r, path)
	}
	if version, ok := strings.CutPrefix(path, "/api/"); ok {
		return docs.serveVersion(w, r, "", strings.TrimSuffix(version, "/"))
	}
	name, ok := strings.CutPrefix(path, "/apis/")
	if !ok {
		return false, nil
	}
	name = strings.TrimSuffix(name, "/")
	if group, _, ok := strings.Cut(name, "/"); ok {
		return docs.serveVersion(w, r, group, name)
	}
	doc := docs.group[name]
	if doc == nil {
		return false, nil
	}
	return true, doc.serve(w, r)
}

// serveCore answers /api.
func (docs *documents) serveCore(w http.ResponseWriter, r *request.Request) error {
	if err := routeAllows(r); err != nil {
		return err
	}
	if media, ok := aggregatedMedia(r); ok {
		docs.aggregatedCore.serveAggregated(w, r, media)
		return nil
	}
	return docs.core.serve(w, r)
}

// serveGroups answers /apis, by any method. The path with a slash at its end knows no aggregated form.
func (docs *documents) serveGroups(w http.ResponseWriter, r *request.Request, path string) error {
	if media, ok := aggregatedMedia(r); ok && path == "/apis" {
		docs.aggregated.serveAggregated(w, r, media)
		return nil
	}
	return docs.groups.serve(w, r)
}

// serveVersion answers with the resources of a group version ("v1", "apps/v1").
func (docs *documents) serveVersion(w http.ResponseWriter, r *request.Request, group, version string) (bool, error) {
	doc := docs.version[version]
	switch {
	case doc == nil && (group != "" && docs.group[group] == nil || docs.custom[group]):
		return false, nil
	case doc == nil:
		return true, notFound()
	case !docs.custom[group]:
		if err := routeAllows(r); err != nil {
			return true, err
		}
	}
	return true, doc.serve(w, r)
}
