package node

import (
	"maps"
	"slices"
	"sync"
)

// kind of an object that nodes reach.
type kind uint8

const (
	pod kind = iota
	secret
	configMap
	claim
	volume
	account
	resourceClaim
	resourceSlice
	attachment
	certificateRequest
)

type object struct {
	kind            kind
	namespace, name string
}

// graph says which nodes reach which objects. A node reaches what its pods name, the volume that is bound
// to a claim it reaches, and the secrets of that volume.
type graph struct {
	mu sync.RWMutex
	// nodes counts, for an object, the sources on each node that name it.
	nodes map[object]map[string]int
	// sources are what is told of: pods, attachments and the like, with what each names.
	sources map[object]source
	// volumes by name, and the volumes that need a secret.
	volumes map[string]boundVolume
	needing map[object][]string
}

// source names objects on behalf of a node.
type source struct {
	node    string
	objects []object
}

type boundVolume struct {
	claim   object
	secrets []object
}

func newGraph() graph {
	return graph{
		nodes: map[object]map[string]int{}, sources: map[object]source{},
		volumes: map[string]boundVolume{}, needing: map[object][]string{},
	}
}

// reaches reports whether a node reaches an object.
func (g *graph) reaches(o object, node string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if o.kind == volume {
		return g.reachesVolume(o.name, node)
	}
	if g.nodes[o][node] > 0 {
		return true
	}
	if o.kind != secret {
		return false
	}
	return slices.ContainsFunc(g.needing[o], func(v string) bool { return g.reachesVolume(v, node) })
}

func (g *graph) reachesVolume(name, node string) bool {
	v, ok := g.volumes[name]
	return ok && g.nodes[v.claim][node] > 0
}

// put notes what a source names; it names itself, too. A source without a node names nothing.
func (g *graph) put(of object, node string, objects []object) {
	g.mu.Lock()
	defer g.mu.Unlock()
	objects = append(objects, of)
	if old, ok := g.sources[of]; ok && old.node == node && slices.Equal(old.objects, objects) {
		return
	}
	g.removeLocked(of)
	if node == "" {
		return
	}
	g.sources[of] = source{node, objects}
	for _, o := range objects {
		if g.nodes[o] == nil {
			g.nodes[o] = map[string]int{}
		}
		g.nodes[o][node]++
	}
}

// remove forgets a source.
func (g *graph) remove(of object) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.removeLocked(of)
}

func (g *graph) removeLocked(of object) {
	old, ok := g.sources[of]
	if !ok {
		return
	}
	delete(g.sources, of)
	for _, o := range old.objects {
		counts := g.nodes[o]
		if counts[old.node]--; counts[old.node] == 0 {
			delete(counts, old.node)
		}
		if len(counts) == 0 {
			delete(g.nodes, o)
		}
	}
}

// putVolume notes a volume that is bound to a claim.
func (g *graph) putVolume(name string, v boundVolume) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.removeVolumeLocked(name)
	g.volumes[name] = v
	for _, s := range v.secrets {
		g.needing[s] = append(g.needing[s], name)
	}
}

func (g *graph) removeVolume(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.removeVolumeLocked(name)
}

func (g *graph) removeVolumeLocked(name string) {
	for _, s := range g.volumes[name].secrets {
		rest := slices.DeleteFunc(g.needing[s], func(v string) bool { return v == name })
		if g.needing[s] = rest; len(rest) == 0 {
			delete(g.needing, s)
		}
	}
	delete(g.volumes, name)
}

// unique drops what is named twice.
func unique(objects []object) []object {
	seen := make(map[object]bool, len(objects))
	return slices.DeleteFunc(objects, func(o object) bool {
		twice := seen[o]
		seen[o] = true
		return twice
	})
}

// size is for tests: what the graph holds when all sources are gone must be nothing.
func (g *graph) size() int {
	return len(slices.Collect(maps.Keys(g.nodes))) + len(g.sources) + len(g.volumes) + len(g.needing)
}
