package connect

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/httpstream"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/proxy"

	"github.com/nave-k8s/nave/server/request"
)

// subpath is what of the request's path is the backend's: "" where nothing follows "proxy", not even a
// slash.
func subpath(r *request.Request) string {
	p := ""
	if len(r.Parts) > 3 {
		p = "/" + strings.Join(r.Parts[3:], "/")
	}
	if strings.HasSuffix(r.HTTP.URL.Path, "/") && !strings.HasSuffix(p, "/") {
		p += "/"
	}
	return p
}

// pass is the proxy: the request goes to the location and the answer comes back, with redirects and HTML
// links rewritten to lead through the proxy again.
func pass(w http.ResponseWriter, r *http.Request, location *url.URL, transport *http.Transport, path string) error {
	target := *location
	target.Path = utilnet.JoinPreservingTrailingSlash(location.Path, path)
	target.RawQuery = r.URL.RawQuery
	if httpstream.IsUpgradeRequest(r) {
		return passUpgrade(w, r, &target, transport)
	}
	if target.Path == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		// Relative links of the backend's first page would lose "proxy" without the slash.
		to := r.URL.EscapedPath() + "/"
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusMovedPermanently)
		return nil
	}
	var failed error
	reverse := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL = &target
			p.Out.Host = r.Host
			// Proxies on the way here stay in the list.
			p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
			utilnet.AppendForwardedForHeader(p.Out)
			stripCredentials(p.Out.Header)
		},
		Transport:     &withoutCORS{&proxy.Transport{Scheme: r.URL.Scheme, Host: r.URL.Host, PathPrepend: prefixOf(r.URL.Path, target.Path), RoundTripper: transport}},
		FlushInterval: 200 * time.Millisecond,
		ErrorHandler:  func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
		ErrorLog:      log.New(discard{}, "", 0),
	}
	reverse.ServeHTTP(w, r)
	return failed
}

// prefixOf is the request's path up to where the backend's begins.
func prefixOf(path, backend string) string {
	if strings.HasSuffix(path, "/") && !strings.HasSuffix(backend, "/") {
		backend += "/"
	}
	return strings.TrimSuffix(path, backend)
}

// withoutCORS takes from a backend's answers what would let pages of other origins use this server.
type withoutCORS struct{ next http.RoundTripper }

func (t *withoutCORS) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"Credentials", "Headers", "Methods", "Origin"} {
		resp.Header.Del("Access-Control-Allow-" + name)
	}
	return resp, nil
}

// discard is where the reverse proxy's complaints go: what matters is returned.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
