package resource

import (
	"cmp"
	"slices"
)

// Usage is how much there is of a resource.
type Usage struct {
	Group, Plural string
	Prefix        string // of its keys
	Count         int64  // of its objects; -1 while the cache does not hold them
	Received      int64  // changes that the cache was told of
}

// Usage returns that of all resources that are stored, by name.
func (e *Engine) Usage() []Usage {
	out := make([]Usage, 0, len(e.indexes))
	for res, index := range e.indexes {
		u := Usage{Group: res.Group, Plural: res.Plural, Prefix: index.Prefix(), Count: -1, Received: index.Received()}
		if n, ok := index.Held(); ok {
			u.Count = int64(n)
		}
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b Usage) int { return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Plural, b.Plural)) })
	return out
}
