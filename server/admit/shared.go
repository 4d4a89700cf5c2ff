package admit

import (
	"context"
	"sync"

	"github.com/nave-k8s/nave/kinds"
)

// sharedLimit is how many answers a Shared keeps. Namespaces and service accounts are what it is for; at
// the limit it starts over.
const sharedLimit = 4096

// Shared is a Reader that decodes an object once for each revision and gives it to everybody who asks. It is
// what makes a chain with nothing configured cost microseconds. It is safe for many goroutines.
type Shared struct {
	Reader

	mu    sync.RWMutex
	known map[sharedKey]sharedAnswer
}

type sharedKey struct{ group, plural, namespace, name string }

type sharedAnswer struct {
	revision int64
	object   kinds.Object   // of Get
	objects  []kinds.Object // of List
}

// NewShared returns a Shared over r.
func NewShared(r Reader) *Shared {
	return &Shared{Reader: r, known: map[sharedKey]sharedAnswer{}}
}

// Get returns the shared object.
func (s *Shared) Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error) {
	key := sharedKey{group, plural, namespace, name}
	revision, err := s.Revision(ctx, group, plural, namespace, name)
	if err != nil {
		return nil, err
	}
	if revision != 0 {
		if answer, ok := s.recall(key, revision); ok {
			return answer.object, nil
		}
	}
	// The object may be newer than the revision by now; then the next Get decodes it again.
	obj, err := s.Reader.Get(ctx, group, plural, namespace, name)
	if err == nil && revision != 0 {
		s.keep(key, sharedAnswer{revision: revision, object: obj})
	}
	return obj, err
}

// List returns the shared objects. The slice is shared too.
func (s *Shared) List(ctx context.Context, group, plural, namespace string) ([]kinds.Object, error) {
	key := sharedKey{group, plural, namespace, ""}
	revision, err := s.Revision(ctx, group, plural, namespace, "")
	if err != nil {
		return nil, err
	}
	if answer, ok := s.recall(key, revision); ok {
		return answer.objects, nil
	}
	objs, err := s.Reader.List(ctx, group, plural, namespace)
	if err == nil {
		s.keep(key, sharedAnswer{revision: revision, objects: objs})
	}
	return objs, err
}

func (s *Shared) recall(key sharedKey, revision int64) (sharedAnswer, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	answer, ok := s.known[key]
	return answer, ok && answer.revision == revision
}

func (s *Shared) keep(key sharedKey, answer sharedAnswer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.known[key]; !ok && len(s.known) >= sharedLimit {
		clear(s.known)
	}
	s.known[key] = answer
}
