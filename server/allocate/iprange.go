package allocate

import (
	"fmt"
	"math"
	"math/big"
	"net/netip"
)

// An ipRange is the addresses of a CIDR that services can have: all but the network's own and, in IPv4,
// the broadcast address. The lower part is left for addresses that are asked for by name (KEP-3070): others
// come from above it as long as there are any.
type ipRange struct {
	prefix      netip.Prefix
	first, last netip.Addr
	size        uint64 // addresses, at most 2^63-1
	low         uint64 // of them in the lower part
}

func newIPRange(p netip.Prefix) ipRange {
	p = p.Masked()
	r := ipRange{prefix: p, first: p.Addr().Next()}
	bits := p.Addr().BitLen() - p.Bits()
	all := uint64(math.MaxInt64)
	if bits < 63 {
		all = 1 << bits
	}
	if r.size = all - 1; p.Addr().Is4() && r.size > 0 {
		r.size--
	}
	r.last = addTo(r.first, r.size-1)
	if all >= 16 {
		r.low = min(max(all/16, 16), 256)
	}
	r.low = min(r.low, r.size)
	return r
}

func (r ipRange) contains(a netip.Addr) bool { return !a.Less(r.first) && !r.last.Less(a) }

// at returns the n-th address.
func (r ipRange) at(n uint64) netip.Addr { return addTo(r.first, n) }

// order calls try with the addresses in the order in which they should be given out, until it returns
// true: the upper part from a random place on and around, then the lower part likewise.
func (r ipRange) order(random func(uint64) uint64, try func(netip.Addr) bool) bool {
	return r.part(r.low, r.size, random, try) || r.part(0, r.low, random, try)
}

func (r ipRange) part(from, to uint64, random func(uint64) uint64, try func(netip.Addr) bool) bool {
	if from >= to {
		return false
	}
	n := to - from
	start := random(n)
	for i := range n {
		if try(r.at(from + (start+i)%n)) {
			return true
		}
	}
	return false
}

// addTo returns the address n after a.
func addTo(a netip.Addr, n uint64) netip.Addr {
	if a.Is4() {
		b := a.As4()
		v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
		v += uint32(n)
		return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
	}
	b := a.As16()
	sum := new(big.Int).SetBytes(b[:])
	sum.Add(sum, new(big.Int).SetUint64(n))
	sum.FillBytes(b[:])
	return netip.AddrFrom16(b)
}

// ParseRanges reads --service-cluster-ip-range: one CIDR, or one of each family with a comma between.
func ParseRanges(cidrs []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, c := range cidrs {
		p, err := netip.ParsePrefix(c)
		if err != nil {
			return nil, fmt.Errorf("service cluster IP range %q: %w", c, err)
		}
		if p != p.Masked() {
			return nil, fmt.Errorf("service cluster IP range %q: has bits set beyond the prefix length", c)
		}
		if n := newIPRange(p); p.Addr().BitLen()-p.Bits() < 3 || n.size == 0 {
			return nil, fmt.Errorf("service cluster IP range %q: is too small, it must hold 8 addresses at least", c)
		}
		out = append(out, p)
	}
	switch {
	case len(out) == 0:
		return nil, fmt.Errorf("no service cluster IP range")
	case len(out) > 2, len(out) == 2 && out[0].Addr().Is4() == out[1].Addr().Is4():
		return nil, fmt.Errorf("service cluster IP ranges %v: must be one, or one of each family", cidrs)
	}
	return out, nil
}
