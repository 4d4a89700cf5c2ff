package allocate

import (
	"context"
	"math/big"
	"net/netip"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestPlan(t *testing.T) {
	in4 := func(ip netip.Addr) bool { return mustParse(range4).Contains(ip) }
	old := func(o option) option {
		return func(s *corev1.Service) { o(s); s.CreationTimestamp = metav1.NewTime(testNow.Add(-time.Hour)) }
	}
	a := newService("a", old(addressed("10.0.0.1")))
	ip := func(svc *corev1.Service, text string, age time.Duration) *networkingv1.IPAddress {
		x := newIPAddress(svc, netip.MustParseAddr(text))
		x.CreationTimestamp = metav1.NewTime(testNow.Add(-age))
		return x
	}
	foreign := ip(newService("x"), "10.0.0.7", time.Hour)
	foreign.Labels = nil
	np := typed(corev1.ServiceTypeNodePort)
	tests := []struct {
		name           string
		s              Snapshot
		delete, create []string
		take, free     []int32
		suspects       int
		problems       []string
	}{
		{name: "all well", s: Snapshot{Services: []*corev1.Service{a}, Addresses: []*networkingv1.IPAddress{ip(a, "10.0.0.1", 0)}}},
		{name: "missing", s: Snapshot{Services: []*corev1.Service{a}}, create: []string{"10.0.0.1"}},
		{name: "of somebody else", s: Snapshot{Services: []*corev1.Service{a}, Addresses: []*networkingv1.IPAddress{ip(newService("gone"), "10.0.0.1", time.Hour)}}, delete: []string{"10.0.0.1"}, create: []string{"10.0.0.1"}},
		{name: "lost", s: Snapshot{Addresses: []*networkingv1.IPAddress{ip(a, "10.0.0.1", 2*time.Minute), foreign}}, delete: []string{"10.0.0.1"}},
		{name: "perhaps being created", s: Snapshot{Addresses: []*networkingv1.IPAddress{ip(a, "10.0.0.1", 30*time.Second)}}},
		{name: "one IP of two", s: Snapshot{Services: []*corev1.Service{newService("b", addressed("10.0.0.1"), young), a}, Addresses: []*networkingv1.IPAddress{ip(a, "10.0.0.1", 0)}}, problems: []string{"b ClusterIPAlreadyAllocated"}},
		{name: "outside", s: Snapshot{Services: []*corev1.Service{newService("b", addressed("10.1.0.1"))}}, create: []string{"10.1.0.1"}, problems: []string{"b ClusterIPOutOfRange"}},
		{name: "headless and alias", s: Snapshot{Services: []*corev1.Service{newService("b", addressed("None")), newService("c", typed(corev1.ServiceTypeExternalName), nodePorts(30001))}}},
		{name: "port not taken", s: Snapshot{Services: []*corev1.Service{newService("b", np, addressed("None"), nodePorts(30001))}}, take: []int32{30001}},
		{name: "port of two", s: Snapshot{Services: []*corev1.Service{newService("b", np, addressed("None"), nodePorts(30001)), newService("c", np, addressed("None"), nodePorts(30001))}, Ports: []int32{30001}}, problems: []string{"c PortAlreadyAllocated"}},
		{name: "port outside", s: Snapshot{Services: []*corev1.Service{newService("b", np, addressed("None"), nodePorts(29000))}}, problems: []string{"b PortOutOfRange"}},
		{name: "suspect", s: Snapshot{Ports: []int32{30001}, Suspects: map[int32]int{30001: 1, 30002: 2}}, suspects: 1},
		{name: "freed", s: Snapshot{Ports: []int32{30001}, Suspects: map[int32]int{30001: 2}}, free: []int32{30001}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			tc.s.InRange, tc.s.NodePorts, tc.s.Now = in4, DefaultNodePorts, testNow
			p := NewPlan(tc.s)
			names := func(list []*networkingv1.IPAddress) (out []string) {
				for _, x := range list {
					out = append(out, x.Name)
				}
				return out
			}
			var problems []string
			for _, x := range p.Unrepairable {
				problems = append(problems, x.Service.Name+" "+x.Reason)
			}
			if !slices.Equal(names(p.Delete), tc.delete) || !slices.Equal(names(p.Create), tc.create) {
				t.Errorf("delete %v, create %v", names(p.Delete), names(p.Create))
			}
			if !slices.Equal(p.Take, tc.take) || !slices.Equal(p.Free, tc.free) || len(p.Suspects) != tc.suspects {
				t.Errorf("take %v, free %v, suspects %v", p.Take, p.Free, p.Suspects)
			}
			if !slices.Equal(problems, tc.problems) {
				t.Errorf("problems %v", problems)
			}
		})
	}
}

func TestRepairs(t *testing.T) {
	c := newCluster()
	s := c.server(t, range4)
	ctx := context.Background()
	lost := newService("lost", typed(corev1.ServiceTypeNodePort), nodePorts(30001))
	if _, err := s.Create(ctx, lost, false); err != nil { // and the server crashed here
		t.Fatal(err)
	}
	c.addresses[lost.Spec.ClusterIP].CreationTimestamp = metav1.NewTime(testNow.Add(-time.Hour))
	c.services = []*corev1.Service{newService("a", typed(corev1.ServiceTypeNodePort), addressed("10.0.0.3"), nodePorts(30005))}
	r := NewRepairer(s)
	for range suspectTimes {
		if problems, err := r.Once(ctx); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
	}
	if got := c.takenPorts(t); !slices.Equal(got, []int32{30005}) {
		t.Errorf("ports %v", got)
	}
	if len(c.addresses) != 1 || c.addresses["10.0.0.3"] == nil {
		t.Errorf("addresses %v", c.addresses)
	}
}

func TestStoredPorts(t *testing.T) {
	bits := new(big.Int).SetBit(new(big.Int), 7, 1)
	value, err := encodePorts(bits, DefaultNodePorts)
	if err != nil {
		t.Fatal(err)
	}
	for rng, want := range map[PortRange]uint{DefaultNodePorts: 7, {First: 30005, Last: 31000}: 2} {
		got, err := decodePorts(value, rng)
		if err != nil || got.BitLen() != int(want)+1 || got.Bit(int(want)) != 1 {
			t.Errorf("%v: %v %v", rng, got, err)
		}
	}
	if got, err := decodePorts(value, PortRange{First: 31000, Last: 32000}); err != nil || got.Sign() != 0 {
		t.Errorf("outside: %v %v", got, err)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]PortRange{"": DefaultNodePorts, "0": DefaultNodePorts, "1-2": {1, 2}, "100+5": {100, 105}, "80": {80, 80}, "2-1": {}, "x": {}, "1-70000": {}} {
		if got, _ := ParsePortRange(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	for text, ok := range map[string]bool{"10.0.0.0/16": true, "10.0.0.1/16": false, "x": false, "10.0.0.0/31": false, "fd00::/112": true} {
		if _, err := ParseRanges([]string{text}); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ParseRanges([]string{range4, "10.1.0.0/24"}); err == nil {
		t.Error("two ranges of one family were accepted")
	}
}

func FuzzDecodePorts(f *testing.F) {
	value, _ := encodePorts(big.NewInt(5), DefaultNodePorts)
	f.Add(value)
	f.Add([]byte("k8s\x00"))
	f.Fuzz(func(t *testing.T, value []byte) {
		if bits, err := decodePorts(value, DefaultNodePorts); err == nil && bits == nil {
			t.Error("neither bits nor an error")
		}
	})
}

func young(s *corev1.Service) { s.CreationTimestamp = metav1.NewTime(testNow) }
