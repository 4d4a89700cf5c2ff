package garbage

import (
	"k8s.io/apimachinery/pkg/types"
)

// view is what the graph says of an object, at one moment.
type view struct {
	resource   *resource
	namespace  string
	name       string
	uid        types.UID
	deleting   bool
	foreground bool
	orphaning  bool
	fine       bool // all its owners are there, and none waits for it

	hasDependents bool
}

func viewOf(n *node) view {
	return view{
		resource: n.resource, namespace: n.namespace, name: n.name, uid: n.uid, deleting: n.deleting,
		foreground: n.foreground, orphaning: n.orphaning, hasDependents: len(n.dependents) > 0,
	}
}

func (g *graph) view(uid types.UID) (view, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.nodes[uid]
	if n == nil {
		return view{}, false
	}
	v := viewOf(n)
	v.fine = true
	for _, o := range n.owners {
		if parent := g.nodes[o.uid]; parent == nil || parent.foreground || g.mismatch(n, parent) {
			v.fine = false
		}
	}
	return v, true
}

// dependents returns what the object owns, and of that what its deletion waits for.
func (g *graph) dependents(uid types.UID) (all, blocking []view) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.nodes[uid]
	if n == nil {
		return nil, nil
	}
	for d := range n.dependents {
		all = append(all, viewOf(d))
		for _, o := range d.owners {
			if o.uid == uid && o.block {
				blocking = append(blocking, viewOf(d))
				break
			}
		}
	}
	return all, blocking
}
