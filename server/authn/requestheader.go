package authn

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/nave-k8s/nave/server/request"
)

// RequestHeaders is who may say in headers on whose behalf a request comes, and how: the flags
// --requestheader-*.
type RequestHeaders struct {
	CA    func() *x509.CertPool
	Names []string // common names of front proxies; none for any
	// Names of headers; the first that is there counts, but for groups, where all do.
	User, UID, Group []string
	Extra            []string // what headers of the user's extra begin with
}

// A FrontProxy knows users that a trusted proxy has authenticated, and named in headers.
type FrontProxy struct {
	RequestHeaders
	proxies *Certificates
}

// NewFrontProxy returns the authenticator.
func NewFrontProxy(c RequestHeaders) *FrontProxy {
	return &FrontProxy{RequestHeaders: c, proxies: FollowCertificates(c.CA)}
}

// Authenticate takes the headers' word if the client is a proxy. The headers are gone then: nobody after this
// stage is to believe them. A certificate of another CA is none of its business.
func (p *FrontProxy) Authenticate(r *request.Request) (*authenticationv1.UserInfo, error) {
	h := r.HTTP.Header
	name := first(h, p.User)
	if name == "" {
		return nil, nil
	}
	proxy, err := p.proxies.Authenticate(r)
	if err != nil || proxy == nil {
		return nil, nil //nolint:nilerr // it may be a client certificate
	}
	if len(p.Names) > 0 && !slices.Contains(p.Names, proxy.Username) {
		return nil, nil
	}
	user := &authenticationv1.UserInfo{Username: name, UID: first(h, p.UID), Extra: p.extra(h)}
	for _, header := range p.Group {
		user.Groups = append(user.Groups, h.Values(header)...)
	}
	for _, headers := range [][]string{p.User, p.UID, p.Group} {
		for _, header := range headers {
			h.Del(header)
		}
	}
	return user, nil
}

func first(h http.Header, names []string) string {
	for _, name := range names {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// extra reads, and removes, headers such as X-Remote-Extra-Acme.com%2Fproject: the rest of the name is the
// key, in lower case and percent-encoded.
func (p *FrontProxy) extra(h http.Header) map[string]authenticationv1.ExtraValue {
	var out map[string]authenticationv1.ExtraValue
	for header, values := range h {
		for _, prefix := range p.Extra {
			if len(header) <= len(prefix) || !strings.EqualFold(header[:len(prefix)], prefix) {
				continue
			}
			key := strings.ToLower(header[len(prefix):])
			if plain, err := url.PathUnescape(key); err == nil {
				key = plain
			}
			if out == nil {
				out = map[string]authenticationv1.ExtraValue{}
			}
			out[key] = append(out[key], values...)
			delete(h, header)
			break
		}
	}
	return out
}
