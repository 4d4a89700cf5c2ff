package allocate

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nave-k8s/nave/store"
)

// PortRange is a range of ports: those from First to Last.
type PortRange struct{ First, Last int32 }

// DefaultNodePorts is the range of node ports unless a flag says otherwise.
var DefaultNodePorts = PortRange{First: 30000, Last: 32767}

// ParsePortRange reads FIRST-LAST, FIRST+SIZE or a single port; "" and "0" are the default.
func ParsePortRange(s string) (PortRange, error) {
	s = strings.TrimSpace(s)
	if s == "" || s == "0" {
		return DefaultNodePorts, nil
	}
	first, last, sized := s, s, false
	if a, b, ok := strings.Cut(s, "-"); ok {
		first, last = a, b
	} else if a, b, ok := strings.Cut(s, "+"); ok {
		first, last, sized = a, b, true
	}
	from, err1 := strconv.ParseInt(first, 10, 32)
	to, err2 := strconv.ParseInt(last, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return PortRange{}, fmt.Errorf("port range %q: %w", s, err)
	}
	if sized {
		to += from
	}
	if from < 1 || to > 65535 || to < from {
		return PortRange{}, fmt.Errorf("port range %q: must be within 1-65535, the first not after the last", s)
	}
	return PortRange{First: int32(from), Last: int32(to)}, nil
}

func (r PortRange) String() string { return fmt.Sprintf("%d-%d", r.First, r.Last) }

func (r PortRange) size() int { return int(r.Last-r.First) + 1 }

// low is how many ports at the start are left for those who ask for one by number (KEP-3668).
func (r PortRange) low() int {
	if r.size() <= 16 {
		return 0
	}
	return min(max(r.size()/32, 16), 128)
}

var errPortTaken = errors.New("provided port is already allocated")

// ports keeps which node ports are taken. It holds the bits as it last saw or wrote them; a write by
// another server makes the compare-and-swap fail, and it begins again with what is stored then.
type ports struct {
	store  store.Store
	rng    PortRange
	random func(uint64) uint64

	mu       sync.Mutex
	loaded   bool
	revision int64 // of the stored bits; 0: there are none
	bits     *big.Int
}

// A portSet is bits being changed.
type portSet struct {
	rng    PortRange
	random func(uint64) uint64
	bits   *big.Int
}

func (p *portSet) has(port int32) bool {
	return port >= p.rng.First && port <= p.rng.Last && p.bits.Bit(int(port-p.rng.First)) == 1
}

func (p *portSet) take(port int32) error {
	if port < p.rng.First || port > p.rng.Last {
		return fmt.Errorf("provided port is not in the valid range. The range of valid ports is %v", p.rng)
	}
	if p.has(port) {
		return errPortTaken
	}
	p.bits.SetBit(p.bits, int(port-p.rng.First), 1)
	return nil
}

func (p *portSet) free(port int32) {
	if port >= p.rng.First && port <= p.rng.Last {
		p.bits.SetBit(p.bits, int(port-p.rng.First), 0)
	}
}

// next takes any free port: from the upper part, from a random one on and around, then from the lower.
func (p *portSet) next() (int32, error) {
	low, size := p.rng.low(), p.rng.size()
	for _, part := range [2][2]int{{low, size}, {0, low}} {
		n := part[1] - part[0]
		if n == 0 {
			continue
		}
		start := int(p.random(uint64(n)))
		for i := range n {
			if at := part[0] + (start+i)%n; p.bits.Bit(at) == 0 {
				p.bits.SetBit(p.bits, at, 1)
				return p.rng.First + int32(at), nil
			}
		}
	}
	return 0, errFull
}

// change applies f to the bits and stores them. f may be called several times, each time with fresh bits;
// its error is returned once it is known not to come from bits that are out of date.
func (p *ports) change(ctx context.Context, f func(*portSet) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		fresh := !p.loaded
		if fresh {
			if err := p.load(ctx); err != nil {
				return err
			}
		}
		set := &portSet{rng: p.rng, random: p.random, bits: new(big.Int).Set(p.bits)}
		if err := f(set); err != nil {
			if fresh {
				return err
			}
			p.loaded = false
			continue
		}
		if set.bits.Cmp(p.bits) == 0 {
			return nil
		}
		again, err := p.save(ctx, set.bits)
		if err != nil || !again {
			return err
		}
		p.loaded = false
	}
}

// peek returns the bits as last seen, for a dry run.
func (p *ports) peek(ctx context.Context) (*portSet, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.loaded {
		if err := p.load(ctx); err != nil {
			return nil, err
		}
	}
	return &portSet{rng: p.rng, random: p.random, bits: new(big.Int).Set(p.bits)}, nil
}

func (p *ports) release(ctx context.Context, list []int32) error {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	return p.change(ctx, func(set *portSet) error {
		for _, port := range list {
			set.free(port)
		}
		return nil
	})
}

func (p *ports) load(ctx context.Context) error {
	kv, _, err := p.store.Get(ctx, portsKey)
	if err != nil {
		return fmt.Errorf("node ports: %w", err)
	}
	p.revision, p.bits = 0, new(big.Int)
	if kv != nil {
		if p.bits, err = decodePorts(kv.Value, p.rng); err != nil {
			return err
		}
		p.revision = kv.Revision
	}
	p.loaded = true
	return nil
}

// save stores the bits; again if somebody else did first.
func (p *ports) save(ctx context.Context, bits *big.Int) (again bool, err error) {
	value, err := encodePorts(bits, p.rng)
	if err != nil {
		return false, err
	}
	var revision int64
	if p.revision == 0 {
		revision, err = p.store.Create(ctx, portsKey, value, 0)
	} else {
		revision, err = p.store.Update(ctx, portsKey, value, p.revision, 0)
	}
	var exists *store.ExistsError
	var conflict *store.ConflictError
	switch {
	case errors.As(err, &exists), errors.As(err, &conflict):
		return true, nil
	case err != nil:
		p.loaded = false // it may have been written all the same
		return false, fmt.Errorf("node ports: %w", err)
	}
	p.revision, p.bits = revision, bits
	return false, nil
}
