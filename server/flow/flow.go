// Package flow is stage 2: is there room. It bounds how many requests are served at once, those that
// change something on their own, as kube-apiserver does with --max-requests-inflight when priority and
// fairness is off.
package flow

import (
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/request"
)

// Limits is the stage. Long-running requests and system:masters are not counted.
type Limits struct {
	readOnly, mutating chan struct{}
}

// New bounds requests in flight; 0 for no bound.
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
func (l *Limits) Run(_ http.ResponseWriter, r *request.Request) (done bool, err error) {
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
		return false, apierrors.NewTooManyRequests("Too many requests, please try again later.", 1)
	}
}

func healthCheck(path string) bool {
	return strings.HasPrefix(path, "/healthz") || strings.HasPrefix(path, "/livez") || strings.HasPrefix(path, "/readyz")
}
