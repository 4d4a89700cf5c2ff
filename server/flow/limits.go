package flow

import (
	"net/http"
	"slices"
	"strings"

	"github.com/nave-k8s/nave/server/request"
)

// Limits bounds how many requests are served at once, those that change something on their own: what
// kube-apiserver does when priority and fairness is off (--max-requests-inflight). Long-running requests and
// system:masters are not counted.
type Limits struct {
	readOnly, mutating chan struct{}
}

// New bounds requests in flight; 0 or less for no bound.
func New(readOnly, mutating int) *Limits {
	l := &Limits{}
	if readOnly > 0 {
		l.readOnly = make(chan struct{}, readOnly)
	}
	if mutating > 0 {
		l.mutating = make(chan struct{}, mutating)
	}
	return l
}

// Run takes a place for the request, which it keeps to its end; if there is none, the answer is 429.
func (l *Limits) Run(w http.ResponseWriter, r *request.Request) (done bool, err error) {
	places := l.mutating
	if r.ReadOnly() || !r.IsResource {
		places = l.readOnly
	}
	if places == nil || r.LongRunning() || slices.Contains(r.User.Groups, "system:masters") || healthCheck(r.Path) {
		return false, nil
	}
	select {
	case places <- struct{}{}:
		r.OnEnd(func() { <-places })
		return false, nil
	default:
		tooMany(w)
		return true, nil
	}
}

func healthCheck(path string) bool {
	return strings.HasPrefix(path, "/healthz") || strings.HasPrefix(path, "/livez") || strings.HasPrefix(path, "/readyz")
}

// tooMany answers 429 as plain text: it must cost next to nothing. Clients come back after a second.
func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "Too many requests, please try again later.", http.StatusTooManyRequests)
}
