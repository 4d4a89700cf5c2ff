package kinds

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A Set is the resources a server serves, in discovery order. It is immutable: a change makes a new one.
type Set struct {
	all    []*Resource
	byGVR  map[schema.GroupVersionResource]*Resource
	byGVK  map[schema.GroupVersionKind]*Resource
	groups []schema.GroupVersion
}

// NewSet returns the set of the given resources. Two of one name in a group version are an error of the
// program and panic.
func NewSet(all []*Resource) *Set {
	s := &Set{
		all:   all,
		byGVR: make(map[schema.GroupVersionResource]*Resource, len(all)),
		byGVK: make(map[schema.GroupVersionKind]*Resource, len(all)),
	}
	seen := map[schema.GroupVersion]bool{}
	for _, r := range all {
		if s.byGVR[r.GroupVersionResource()] != nil {
			panic(fmt.Sprintf("kinds: %v is there twice", r.GroupVersionResource()))
		}
		s.byGVR[r.GroupVersionResource()] = r
		s.byGVK[r.GroupVersionKind()] = r
		if gv := r.GroupVersion(); !seen[gv] {
			seen[gv] = true
			s.groups = append(s.groups, gv)
		}
	}
	return s
}

// All returns every resource in discovery order. The caller must not change the slice.
func (s *Set) All() []*Resource { return s.all }

// GroupVersions returns the group versions in discovery order. The caller must not change the slice.
func (s *Set) GroupVersions() []schema.GroupVersion { return s.groups }

// Resource returns the resource of that name, nil if there is none.
func (s *Set) Resource(gvr schema.GroupVersionResource) *Resource { return s.byGVR[gvr] }

// Kind returns the resource of that kind, nil if there is none.
func (s *Set) Kind(gvk schema.GroupVersionKind) *Resource { return s.byGVK[gvk] }
