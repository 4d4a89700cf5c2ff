package serve

import (
	"fmt"
	"net/http"
	"strings"

	"k8s.io/apimachinery/pkg/fields"

	"github.com/nave-k8s/nave/server/request"
)

// parse reads the method and the URL into the record: what kube-apiserver calls the RequestInfo. Paths
// that are no resource's are left as they are.
//
//	/api/v1/namespaces/NAMESPACE/RESOURCE/NAME/SUBRESOURCE
//	/apis/GROUP/VERSION/RESOURCE/NAME
//	/api/v1/watch/...     (deprecated)
func parse(r *request.Request) error {
	r.Query = request.ParseQuery(r.HTTP.URL.RawQuery)
	r.Path = r.HTTP.URL.Path
	r.Verb = strings.ToLower(r.HTTP.Method)
	parts := split(r.Path)
	if len(parts) < 3 || parts[0] != "api" && parts[0] != "apis" || r.Path[0:2] == "//" {
		return nil
	}
	if parts[0] == "apis" {
		if len(parts) < 4 {
			return nil
		}
		r.Group, parts = parts[1], parts[1:]
	}
	r.IsResource = true
	r.Version, parts = parts[1], parts[2:]
	r.Verb = verb(r.HTTP.Method)
	if parts[0] == "watch" || parts[0] == "proxy" {
		if len(parts) < 2 {
			return fmt.Errorf("Internal Server Error: %q: failed to create RequestInfo: unable to determine kind and namespace from url, %s", r.Path, r.Path)
		}
		r.Verb, parts = parts[0], parts[1:]
	}
	deprecated := r.Verb == "watch" || r.Verb == "proxy"
	if parts[0] == "namespaces" {
		if len(parts) > 1 {
			r.Namespace = parts[1]
			// namespaces/NAME/status and the like are of the namespace itself.
			if len(parts) > 2 && parts[2] != "status" && parts[2] != "finalize" {
				parts = parts[2:]
			}
		}
	}
	r.Parts = parts
	r.Resource = parts[0]
	if len(parts) > 1 {
		r.Name = parts[1]
	}
	if len(parts) > 2 && !deprecated {
		r.Subresource = parts[2]
	}
	for i, p := range parts {
		if p == "" && i > 0 && (i < 3 || r.Subresource != "proxy") { // what follows "proxy" is the backend's
			r.Malformed = true
		}
	}
	if parts[0] == "" {
		r.Malformed = true
	}
	if r.Name == "" && !deprecated {
		collection(r)
	}
	return nil
}

// collection gives requests for a collection their verb.
func collection(r *request.Request) {
	switch r.Verb {
	case "get":
		r.Verb = "list"
		if r.Query.Bool("watch") {
			r.Verb = "watch"
		}
		// A field selector can make the list one of a single object; authorization looks at that.
		if selector := r.Query.Get("fieldSelector"); strings.Contains(selector, "metadata.name") {
			if s, err := fields.ParseSelector(selector); err == nil {
				if name, ok := s.RequiresExactMatch("metadata.name"); ok {
					r.Selected = name
				}
			}
		}
	case "delete":
		r.Verb = "deletecollection"
	}
}

func verb(method string) string {
	switch method {
	case http.MethodPost:
		return "create"
	case http.MethodGet, http.MethodHead:
		return "get"
	case http.MethodPut:
		return "update"
	case http.MethodPatch:
		return "patch"
	case http.MethodDelete:
		return "delete"
	}
	return ""
}

// split takes a path apart at slashes; one at either end does not count.
func split(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}
