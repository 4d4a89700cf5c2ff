// Package openapi answers /openapi/v2 and /openapi/v3: what the API looks like, for kubectl explain and for
// programs that generate clients. Version 3 is an index and a document for each group version; version 2
// is one document. Stage 0 (server/serve) asks it about these paths.
//
// Documents are made of two parts. Schemas come as bytes from kinds/schema and are copied into place, never
// decoded. Paths are computed from a kinds.Set. A document is made when it is first asked for and kept
// compressed; what nobody asks for costs nothing.
package openapi

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/schema"
	"github.com/nave-k8s/nave/server/request"
)

// A Service answers from the set it was last given. It is safe for concurrent use.
type Service struct {
	definitions *schema.Definitions
	version     string
	custom      Custom
	current     atomic.Pointer[generation]
}

// A generation is a set and its documents, which are described when somebody first asks.
type generation struct {
	set    *kinds.Set
	before *documents
	once   sync.Once
	docs   atomic.Pointer[documents]
}

// Custom returns the published schemas of a custom resource's kind, for version 3 and version 2 of OpenAPI:
// JSON objects whose references are to published types. Nil: any object.
type Custom func(r *kinds.Resource) (v3, v2 []byte)

// New returns a Service for a set. Version is what documents say of themselves ("1.37"). Custom may be nil
// while there are no custom resources.
func New(version string, set *kinds.Set, custom Custom) (*Service, error) {
	definitions, err := schema.NewDefinitions()
	if err != nil {
		return nil, err
	}
	s := &Service{definitions: definitions, version: version, custom: custom}
	s.Update(set)
	return s, nil
}

// Update makes a new set the one that is described. Documents of group versions that did not change stay.
func (s *Service) Update(set *kinds.Set) {
	next := &generation{set: set}
	if last := s.current.Load(); last != nil {
		next.before = last.docs.Load()
	}
	s.current.Store(next)
}

func (s *Service) documents() *documents {
	g := s.current.Load()
	g.once.Do(func() {
		g.docs.Store(s.describe(g.set, g.before))
		g.before = nil
	})
	return g.docs.Load()
}

// Serve answers a request for a path of OpenAPI; it reports false, and has done nothing, if the path is
// none.
func (s *Service) Serve(w http.ResponseWriter, r *request.Request) bool {
	switch path := r.HTTP.URL.Path; path {
	case "/openapi/v2":
		serveV2(w, r.HTTP, s.documents().v2)
	case "/openapi/v3":
		s.documents().serveIndex(w, r.HTTP)
	default:
		name, ok := strings.CutPrefix(path, "/openapi/v3/")
		if !ok {
			return false
		}
		serveV3(w, r.HTTP, name, s.documents().v3[name])
	}
	return true
}
