package serve

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/nave-k8s/nave/server/request"
)

// FuzzURL reads request targets. Of a resource there is always a version and a verb, and the parts of a path
// never hold a slash.
func FuzzURL(f *testing.F) {
	for _, target := range []string{
		"/api/v1/namespaces/default/pods/a/exec?command=x", "/apis/apps/v1/deployments", "/api/v1/watch/namespaces/a/pods",
		"/api/v1/proxy/namespaces/a", "/api/v1/namespaces", "/api/v1/namespaces//pods", "//api/v1/pods", "/api/v1/pods/",
		"/api/v1/namespaces/a%2fb/pods/..%2f..", "/apis/a/b/watch", "/api//", "/apis////", "*", "/api/v1/watch/", "/api/v1/pods?watch=true&fieldSelector=metadata.name=a",
		"/api/v1/namespaces/a/services/https:b:c/proxy//x//y",
	} {
		f.Add("GET", target)
		f.Add("DELETE", target)
	}
	f.Fuzz(func(t *testing.T, method, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		r := &request.Request{HTTP: &http.Request{Method: method, URL: u, Header: http.Header{}}}
		if parse(r) != nil {
			return
		}
		r.LongRunning()
		r.ReadOnly()
		if !r.IsResource {
			return
		}
		if len(r.Parts) == 0 || r.Parts[0] != r.Resource {
			t.Errorf("%s: resource %q of %q", target, r.Resource, r.Parts)
		}
		for _, p := range []string{r.Group, r.Version, r.Namespace, r.Name, r.Subresource} {
			if strings.Contains(p, "/") {
				t.Errorf("%s: a slash in %q", target, p)
			}
		}
	})
}
