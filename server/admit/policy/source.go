package policy

import (
	"context"
	"sort"
	"sync"
	"sync/atomic"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
)

// A source follows the policies of one kind and their bindings.
type source struct {
	reader             admit.Reader
	policies, bindings string // plurals
	readPolicy         func(kinds.Object) (*policy, error)
	readBinding        func(kinds.Object) (*binding, error)

	now atomic.Pointer[state]
	mu  sync.Mutex // held to make another state
}

// state is what is in force at a pair of revisions.
type state struct {
	policies, bindings int64
	none               bool // there are no bindings: policies do not matter
	bound              []bound
	known              map[string]*policy
}

// current returns the policies that are bound, by name.
func (s *source) current(ctx context.Context) ([]bound, error) {
	bindings, err := s.revision(ctx, s.bindings)
	if err != nil {
		return nil, err
	}
	now := s.now.Load()
	if now != nil && now.bindings == bindings && now.none {
		return nil, nil
	}
	policies, err := s.revision(ctx, s.policies)
	if err != nil {
		return nil, err
	}
	if now == nil || now.bindings != bindings || now.policies != policies {
		if now, err = s.renew(ctx, policies, bindings); err != nil {
			return nil, err
		}
	}
	return now.bound, nil
}

func (s *source) revision(ctx context.Context, plural string) (int64, error) {
	return s.reader.Revision(ctx, admissionregistrationv1.GroupName, plural, "", "")
}

// renew reads everything anew. What is read may be newer than the revisions; then the next write reads it once more.
func (s *source) renew(ctx context.Context, policies, bindings int64) (*state, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.now.Load()
	if before != nil && before.policies == policies && before.bindings == bindings {
		return before, nil
	}
	objs, err := s.reader.List(ctx, admissionregistrationv1.GroupName, s.bindings, "")
	if err != nil {
		return nil, err
	}
	next := &state{policies: policies, bindings: bindings, none: len(objs) == 0, known: map[string]*policy{}}
	byPolicy := map[string][]*binding{}
	for _, obj := range objs {
		b, err := s.readBinding(obj)
		if err != nil {
			return nil, err
		}
		byPolicy[b.policy] = append(byPolicy[b.policy], b)
	}
	if !next.none {
		if objs, err = s.reader.List(ctx, admissionregistrationv1.GroupName, s.policies, ""); err != nil {
			return nil, err
		}
	}
	for _, obj := range objs {
		p, err := s.readPolicy(obj)
		if err != nil {
			return nil, err
		}
		if before != nil {
			if same := before.known[p.name]; same != nil && same.uid == p.uid && same.revision == p.revision && p.revision != "" {
				p = same // keeps what is compiled
			}
		}
		next.known[p.name] = p
		if of := byPolicy[p.name]; len(of) > 0 {
			next.bound = append(next.bound, bound{p, of})
		}
	}
	sort.Slice(next.bound, func(i, j int) bool { return next.bound[i].name < next.bound[j].name })
	s.now.Store(next)
	return next, nil
}
