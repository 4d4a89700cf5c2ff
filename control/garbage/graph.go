package garbage

import (
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// owner is a reference to an owner, as small as it can be: the strings are shared by all that say the same.
type owner struct {
	kind  *kind
	name  string
	uid   types.UID
	block bool
}

// node is an object.
type node struct {
	resource   *resource
	namespace  string
	name       string
	uid        types.UID
	owners     []owner
	dependents map[*node]struct{}
	deleting   bool // it has a deletion timestamp
	foreground bool // it waits for its dependents
	orphaning  bool // it waits for its dependents to be let go
}

// graph holds all objects by uid. All methods may be called from anywhere; what they call back must not
// call the graph.
type graph struct {
	mu      sync.Mutex
	nodes   map[types.UID]*node
	missing map[types.UID]map[*node]struct{} // dependents of owners that are not there
	kinds   map[kind]*kind
	started bool

	look, lookLater func(types.UID)
	invalid         func(dependent view, ref owner)
}

func newGraph(look, lookLater func(types.UID), invalid func(view, owner)) *graph {
	return &graph{
		nodes: map[types.UID]*node{}, missing: map[types.UID]map[*node]struct{}{}, kinds: map[kind]*kind{},
		look: look, lookLater: lookLater, invalid: invalid,
	}
}

// start makes the graph say where to look; until then it only learns.
func (g *graph) start() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.started = true
	for _, dependents := range g.missing {
		for n := range dependents {
			g.look(n.uid)
		}
	}
	for _, n := range g.nodes {
		if n.foreground || n.orphaning {
			g.look(n.uid)
		}
		for d := range n.dependents {
			if n.foreground || g.mismatch(d, n) {
				g.look(d.uid)
			}
		}
	}
}

// set notes an object as it is now.
func (g *graph) set(r *resource, m *metav1.PartialObjectMetadata) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.nodes[m.UID]
	fresh := n == nil
	if fresh {
		n = &node{resource: r, namespace: m.Namespace, name: m.Name, uid: m.UID}
		g.nodes[m.UID] = n
		if waiting := g.missing[m.UID]; waiting != nil {
			n.dependents = waiting
			delete(g.missing, m.UID)
			for d := range waiting {
				g.check(d, n)
			}
		}
	}
	was := n.owners
	g.relink(n, m.OwnerReferences)
	n.deleting = m.DeletionTimestamp != nil
	foreground := n.deleting && slices.Contains(m.Finalizers, metav1.FinalizerDeleteDependents)
	orphaning := n.deleting && slices.Contains(m.Finalizers, metav1.FinalizerOrphanDependents)
	if !g.started {
		n.foreground, n.orphaning = foreground, orphaning
		return
	}
	if foreground && !n.foreground {
		for d := range n.dependents {
			g.look(d.uid)
		}
		g.look(n.uid)
	}
	if orphaning && !n.orphaning {
		g.look(n.uid)
	}
	n.foreground, n.orphaning = foreground, orphaning
	if !fresh && !slices.Equal(was, n.owners) {
		g.ownersChanged(n, was)
	}
}

// relink makes the owners those that are said now.
func (g *graph) relink(n *node, refs []metav1.OwnerReference) {
	owners := make([]owner, 0, len(refs))
	for _, r := range refs {
		owners = append(owners, owner{g.kind(kind{r.APIVersion, r.Kind}), r.Name, r.UID, r.BlockOwnerDeletion != nil && *r.BlockOwnerDeletion})
	}
	if slices.Equal(owners, n.owners) {
		return
	}
	for _, o := range n.owners {
		g.unlink(n, o.uid)
	}
	n.owners = owners
	for _, o := range owners {
		if parent := g.nodes[o.uid]; parent != nil {
			if parent.dependents == nil {
				parent.dependents = map[*node]struct{}{}
			}
			parent.dependents[n] = struct{}{}
			g.check(n, parent)
			continue
		}
		if g.missing[o.uid] == nil {
			g.missing[o.uid] = map[*node]struct{}{}
		}
		g.missing[o.uid][n] = struct{}{}
		if g.started {
			g.lookLater(n.uid)
		}
	}
}

func (g *graph) unlink(n *node, from types.UID) {
	if parent := g.nodes[from]; parent != nil {
		delete(parent.dependents, n)
		if len(parent.dependents) == 0 {
			parent.dependents = nil
		}
	}
	if waiting := g.missing[from]; waiting != nil {
		delete(waiting, n)
		if len(waiting) == 0 {
			delete(g.missing, from)
		}
	}
}

// check looks at a dependent that names its owner wrongly, or whose owner waits for it.
func (g *graph) check(n, parent *node) {
	wrong := g.mismatch(n, parent)
	if wrong && parent.namespace != "" && parent.namespace != n.namespace {
		for _, o := range n.owners {
			if o.uid == parent.uid {
				g.invalid(viewOf(n), o)
			}
		}
	}
	if g.started && (wrong || parent.foreground) {
		g.look(n.uid)
	}
}

// mismatch reports whether the owner is not where the dependent's reference says: its uid alone is the same.
func (g *graph) mismatch(n, parent *node) bool {
	if parent.namespace != "" && parent.namespace != n.namespace {
		return true
	}
	for _, o := range n.owners {
		if o.uid == parent.uid && (o.name != parent.name || o.kind.name != parent.resource.kind.name) {
			return true
		}
	}
	return false
}

// ownersChanged looks at owners that no longer have to wait for the object, and at the object.
func (g *graph) ownersChanged(n *node, was []owner) {
	for _, o := range was {
		at := slices.IndexFunc(n.owners, func(x owner) bool { return x.uid == o.uid })
		if at >= 0 && (n.owners[at].block || !o.block) {
			continue
		}
		if parent := g.nodes[o.uid]; parent != nil && parent.foreground {
			g.look(parent.uid)
		}
	}
}

// remove notes that an object is gone.
func (g *graph) remove(uid types.UID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.nodes[uid]
	if n == nil {
		return
	}
	delete(g.nodes, uid)
	for _, o := range n.owners {
		g.unlink(n, o.uid)
		if parent := g.nodes[o.uid]; g.started && parent != nil && parent.foreground {
			g.look(parent.uid)
		}
	}
	if len(n.dependents) == 0 {
		return
	}
	g.missing[uid] = n.dependents
	if g.started {
		for d := range n.dependents {
			g.look(d.uid)
		}
	}
}

// keep removes the objects of a kind that are not in the set.
func (g *graph) keep(r *resource, uids map[types.UID]struct{}) {
	g.mu.Lock()
	var gone []types.UID
	for uid, n := range g.nodes {
		if _, ok := uids[uid]; !ok && n.resource == r {
			gone = append(gone, uid)
		}
	}
	g.mu.Unlock()
	for _, uid := range gone {
		g.remove(uid)
	}
}

func (g *graph) kind(k kind) *kind {
	if have := g.kinds[k]; have != nil {
		return have
	}
	g.kinds[k] = &k
	return &k
}
