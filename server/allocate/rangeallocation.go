package allocate

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// portsKey is where the node ports' bits are stored, as a RangeAllocation: kube-apiserver's place and form.
const portsKey = "/registry/ranges/servicenodeports"

var protobufPrefix = []byte("k8s\x00")

// encodePorts writes the bits: the bit of the range's first port is the lowest of a big-endian number.
func encodePorts(bits *big.Int, rng PortRange) ([]byte, error) {
	raw, err := (&corev1.RangeAllocation{Range: rng.String(), Data: bits.Bytes()}).Marshal()
	if err != nil {
		return nil, err
	}
	body, err := (&runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "v1", Kind: "RangeAllocation"}, Raw: raw}).Marshal()
	if err != nil {
		return nil, err
	}
	return append(bytes.Clone(protobufPrefix), body...), nil
}

// decodePorts reads them. Where they were written for another range, they are moved to this one and those
// outside are dropped: their services keep them, but nobody else can be given them.
func decodePorts(value []byte, rng PortRange) (*big.Int, error) {
	body, ok := bytes.CutPrefix(value, protobufPrefix)
	if !ok {
		return nil, errors.New("node ports: the stored RangeAllocation is not protobuf")
	}
	var unknown runtime.Unknown
	if err := unknown.Unmarshal(body); err != nil {
		return nil, fmt.Errorf("node ports: %w", err)
	}
	var alloc corev1.RangeAllocation
	if err := alloc.Unmarshal(unknown.Raw); err != nil {
		return nil, fmt.Errorf("node ports: %w", err)
	}
	bits := new(big.Int).SetBytes(alloc.Data)
	if alloc.Range == rng.String() {
		return bits, nil
	}
	was, err := ParsePortRange(alloc.Range)
	if err != nil {
		return nil, fmt.Errorf("node ports: stored for the range %q: %w", alloc.Range, err)
	}
	moved := new(big.Int)
	for port := max(was.First, rng.First); port <= min(was.Last, rng.Last); port++ {
		moved.SetBit(moved, int(port-rng.First), bits.Bit(int(port-was.First)))
	}
	return moved, nil
}
