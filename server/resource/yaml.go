package resource

import (
	"bytes"
	"math"

	goyaml "sigs.k8s.io/yaml/goyaml.v2"
	nodes "sigs.k8s.io/yaml/goyaml.v3"
)

// checkAliases refuses YAML whose aliases make more of it than a body may hold: a few bytes can stand for terabytes.
// The decoder itself bounds the number of values that come of aliases, not their size.
func checkAliases(data []byte, most int64) error {
	if bytes.IndexByte(data, '&') < 0 || bytes.IndexByte(data, '*') < 0 {
		return nil // nearly always
	}
	var document nodes.Node
	if err := nodes.Unmarshal(data, &document); err != nil {
		return err
	}
	e := expansion{known: map[*nodes.Node]int64{}}
	if e.size(&document) <= most {
		return nil
	}
	var into any // the texts of large scalars are shared here
	if err := goyaml.Unmarshal(data, &into); err != nil {
		return err // it has words for aliases in excess
	}
	return tooLarge(most)
}

// expansion computes what nodes are in bytes, about, once each alias is what it stands for.
type expansion struct{ known map[*nodes.Node]int64 }

func (e *expansion) size(n *nodes.Node) int64 {
	if size, ok := e.known[n]; ok {
		return size // 0 for one that holds itself: the decoder refuses that
	}
	e.known[n] = 0
	size := int64(len(n.Value)) + 1
	if n.Kind == nodes.AliasNode {
		size = e.size(n.Alias)
	}
	for _, child := range n.Content {
		if size += e.size(child); size > math.MaxInt64/4 {
			size = math.MaxInt64 / 4 // children are no more than that: no sum overflows
		}
	}
	e.known[n] = size
	return size
}
