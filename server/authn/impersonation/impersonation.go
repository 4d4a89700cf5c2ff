// Package impersonation is the second half of stage 1: who somebody wants to be. Headers name a user, and
// groups, a uid and extra fields; whoever asks must be allowed to be them. There are the old right, the
// verb impersonate on what is named, and those of KEP-5284, which also say what may be done in the other
// name. Caller: server/authn, once it knows who asks.
package impersonation

import (
	"context"
	"errors"
	"sync"

	"github.com/nave-k8s/nave/server/request"
)

// May decides on one thing that the asker must be allowed. A refusal is the error that answers the request.
type May func(ctx context.Context, a request.Attributes) error

// Impersonation turns one user into another. Its methods may be called by many goroutines.
type Impersonation struct {
	may   May
	modes []mode

	mu   sync.Mutex
	last map[string]int // by user name: the index of the mode that allowed it last
}

// New returns the impersonation of a server whose authorizer is asked by may.
func New(may May) *Impersonation {
	return &Impersonation{may: may, modes: modes(), last: map[string]int{}}
}

// mostRemembered bounds how many users' last modes are remembered.
const mostRemembered = 10_000

// Apply makes the request's user the one that its headers name, if they name one, and takes the headers
// away: no later stage and no backend gets to see them.
func (i *Impersonation) Apply(r *request.Request) error {
	if !asked(r.HTTP.Header) {
		return nil
	}
	wanted, err := read(r.HTTP.Header)
	if err != nil {
		return err
	}
	if wanted == nil {
		return nil
	}
	clearHeaders(r.HTTP.Header)
	a := r.Attributes()
	m, err := i.allowed(r.HTTP.Context(), &question{may: i.may, wanted: wanted, request: a})
	if err != nil {
		return err
	}
	asker := r.User
	r.Impersonator, r.Constraint = &asker, m.constraint()
	r.User = m.become(wanted)
	return nil
}

// allowed returns the first mode that allows it, beginning with the one that did so last. What is answered,
// if none does, is the first refusal.
func (i *Impersonation) allowed(ctx context.Context, q *question) (*mode, error) {
	name := q.request.User.Username
	i.mu.Lock()
	last, tried := i.last[name]
	i.mu.Unlock()
	var refusal error
	if tried {
		applies, err := i.modes[last].check(ctx, q)
		if applies && err == nil {
			return &i.modes[last], nil
		}
		refusal = err
	}
	for n := range i.modes {
		if tried && n == last {
			continue
		}
		applies, err := i.modes[n].check(ctx, q)
		switch {
		case err != nil && refusal == nil:
			refusal = err
		case err == nil && applies:
			i.remember(name, n)
			return &i.modes[n], nil
		}
	}
	if refusal == nil {
		refusal = errors.New("nobody may be impersonated so")
	}
	return nil, refusal
}

func (i *Impersonation) remember(name string, n int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.last) >= mostRemembered {
		for old := range i.last { // whichever the map's random order picks
			delete(i.last, old)
			break
		}
	}
	i.last[name] = n
}
