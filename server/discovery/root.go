package discovery

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// rootPaths encodes the list of paths that / answers with: those of discovery and the others given.
func rootPaths(set *kinds.Set, others []string) []byte {
	paths := append(slices.Clone(others), "/api", "/apis", "/apis/")
	for _, gv := range set.GroupVersions() {
		if gv.Group == "" {
			paths = append(paths, "/api/"+gv.Version)
			continue
		}
		paths = append(paths, "/apis/"+gv.Group, path(gv))
	}
	slices.Sort(paths)
	body, err := json.MarshalIndent(metav1.RootPaths{Paths: slices.Compact(paths)}, "", "  ")
	if err != nil {
		panic(err) // strings can be encoded
	}
	return body
}

func path(gv schema.GroupVersion) string { return "/apis/" + gv.String() }

// serveRoot answers /, by any method and in JSON whatever is asked for.
func (docs *documents) serveRoot(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", typeJSON)
	h.Set("Content-Length", strconv.Itoa(len(docs.root)))
	h.Set("Cache-Control", "no-cache, private")
	w.WriteHeader(http.StatusOK)
	w.Write(docs.root) //nolint:errcheck // the client is gone: nobody is left to tell
}
