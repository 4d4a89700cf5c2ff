package allocate

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	v4, v6   = corev1.IPv4Protocol, corev1.IPv6Protocol
	range4   = "10.0.0.0/24"
	range6   = "fd00::/112"
	require2 = corev1.IPFamilyPolicyRequireDualStack
	prefer2  = corev1.IPFamilyPolicyPreferDualStack
)

func TestCreate(t *testing.T) {
	const pre = `Service "a" is invalid: `
	both := []string{range4, range6}
	tests := []struct {
		name     string
		ranges   []string // one of IPv4 unless said
		svc      *corev1.Service
		err      string
		families []corev1.IPFamily
		ips      int // IPAddress objects
		ports    int // node ports
	}{
		{name: "plain", svc: newService("a"), families: []corev1.IPFamily{v4}, ips: 1},
		{name: "asked for", svc: newService("a", addressed("10.0.0.5")), families: []corev1.IPFamily{v4}, ips: 1},
		{name: "outside", svc: newService("a", addressed("10.1.0.1")), err: pre + `spec.clusterIPs: Invalid value: ["10.1.0.1"]: failed to allocate IP 10.1.0.1: the provided network does not match the current range`},
		{name: "broadcast", svc: newService("a", addressed("10.0.0.255")), err: pre + `spec.clusterIPs: Invalid value: ["10.0.0.255"]: failed to allocate IP 10.0.0.255: the provided network does not match the current range`},
		{name: "taken", svc: newService("a", addressed("10.0.0.9")), err: pre + `spec.clusterIPs: Invalid value: ["10.0.0.9"]: failed to allocate IP 10.0.0.9: provided IP is already allocated`},
		{name: "nameless", svc: newService(""), err: `spec.parentRef.name: Required value`},
		{name: "headless", svc: newService("a", addressed("None")), families: []corev1.IPFamily{v4}},
		{name: "headless without selector", svc: newService("a", addressed("None"), selectorless), families: []corev1.IPFamily{v4, v6}},
		{name: "alias", svc: newService("a", typed(corev1.ServiceTypeExternalName))},
		{name: "other family", svc: newService("a", families(v6)), err: pre + `spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster`},
		{name: "two families on one", svc: newService("a", policy(require2)), err: pre + `spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services`},
		{name: "prefers two on one", svc: newService("a", policy(prefer2)), families: []corev1.IPFamily{v4}, ips: 1},
		{name: "address of the other family", svc: newService("a", addressed("fd00::1")), err: pre + `spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster`},
		{name: "one of two", ranges: both, svc: newService("a"), families: []corev1.IPFamily{v4}, ips: 1},
		{name: "prefers two", ranges: both, svc: newService("a", policy(prefer2)), families: []corev1.IPFamily{v4, v6}, ips: 2},
		{name: "requires two, second first", ranges: both, svc: newService("a", policy(require2), families(v6)), families: []corev1.IPFamily{v6, v4}, ips: 2},
		{name: "family from the address", ranges: both, svc: newService("a", addressed("fd00::7")), families: []corev1.IPFamily{v6}, ips: 1},
		{name: "node port", svc: newService("a", typed(corev1.ServiceTypeNodePort)), families: []corev1.IPFamily{v4}, ips: 1, ports: 1},
		{name: "load balancer", svc: newService("a", typed(corev1.ServiceTypeLoadBalancer), local(0)), families: []corev1.IPFamily{v4}, ips: 1, ports: 2},
		{name: "load balancer without", svc: newService("a", typed(corev1.ServiceTypeLoadBalancer), withoutPorts), families: []corev1.IPFamily{v4}, ips: 1},
		{name: "load balancer without, but asked", svc: newService("a", typed(corev1.ServiceTypeLoadBalancer), nodePorts(0, 30005), withoutPorts), families: []corev1.IPFamily{v4}, ips: 1, ports: 1},
		{name: "port taken", svc: newService("a", typed(corev1.ServiceTypeNodePort), nodePorts(30001, 30000)), err: pre + "spec.ports[1].nodePort: Invalid value: 30000: provided port is already allocated"},
		{name: "port twice", svc: newService("a", typed(corev1.ServiceTypeNodePort), nodePorts(30001, 30001)), err: pre + "spec.ports[1].nodePort: Invalid value: 30001: provided port is already allocated"},
		{name: "port outside", svc: newService("a", typed(corev1.ServiceTypeNodePort), nodePorts(-1)), err: pre + "spec.ports[0].nodePort: Invalid value: -1: provided port is not in the valid range. The range of valid ports is 30000-32767"},
		{name: "health check taken", svc: newService("a", typed(corev1.ServiceTypeLoadBalancer), local(30000)), err: "Internal error occurred: failed to allocate requested HealthCheck NodePort 30000: provided port is already allocated"},
		{name: "TCP and UDP share", svc: newService("a", typed(corev1.ServiceTypeNodePort), func(s *corev1.Service) {
			s.Spec.Ports = []corev1.ServicePort{{Name: "t", Port: 53, Protocol: "TCP"}, {Name: "u", Port: 53, Protocol: "UDP", NodePort: 30053}}
		}), families: []corev1.IPFamily{v4}, ips: 1, ports: 1},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			c := newCluster()
			ranges := tc.ranges
			if ranges == nil {
				ranges = []string{range4}
			}
			s := c.server(t, ranges...)
			if _, err := s.Create(context.Background(), newService("first", typed(corev1.ServiceTypeNodePort), addressed("10.0.0.9"), nodePorts(30000)), false); err != nil {
				t.Fatal(err)
			}
			svc := tc.svc.DeepCopy()
			done, err := s.Create(context.Background(), svc, false)
			if tc.err != "" {
				if err == nil || !strings.HasSuffix(err.Error(), tc.err) {
					t.Fatalf("got  %v\nwant %s", err, tc.err)
				}
				if len(c.addresses) != 1 || len(c.takenPorts(t)) != 1 {
					t.Errorf("kept after a refusal: %v %v", c.addresses, c.takenPorts(t))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(svc.Spec.IPFamilies, tc.families) {
				t.Errorf("families %v, want %v", svc.Spec.IPFamilies, tc.families)
			}
			if got := len(c.addresses) - 1; got != tc.ips {
				t.Errorf("%d addresses, want %d", got, tc.ips)
			}
			if got := len(c.takenPorts(t)) - 1; got != tc.ports {
				t.Errorf("%d node ports, want %d", got, tc.ports)
			}
			for i, f := range svc.Spec.IPFamilies {
				if tc.ips > 0 && familyOf(netip.MustParseAddr(svc.Spec.ClusterIPs[i])) != f {
					t.Errorf("address %s for %s", svc.Spec.ClusterIPs[i], f)
				}
			}
			done(false)
			if len(c.addresses) != 1 || len(c.takenPorts(t)) != 1 {
				t.Errorf("kept after a failed write: %v %v", c.addresses, c.takenPorts(t))
			}
		})
	}
}

func TestDryRun(t *testing.T) {
	c := newCluster()
	s := c.server(t, range4)
	svc := newService("a", typed(corev1.ServiceTypeLoadBalancer), nodePorts(0, 0), local(0))
	done, err := s.Create(context.Background(), svc, true)
	if err != nil {
		t.Fatal(err)
	}
	done(true)
	if svc.Spec.ClusterIP == "" || svc.Spec.Ports[0].NodePort != 32769 || svc.Spec.Ports[1].NodePort != 32770 || svc.Spec.HealthCheckNodePort != 32771 {
		t.Errorf("dry run gave %+v", svc.Spec)
	}
	if len(c.addresses) != 0 || c.value != nil {
		t.Error("a dry run wrote")
	}
}

// Two servers on one store hand out each port and each address once.
func TestServersShare(t *testing.T) {
	c := newCluster()
	servers := []*Services{c.server(t, "10.0.0.0/23"), c.server(t, "10.0.0.0/23")}
	const each = 120
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[any]string{}
	for n, s := range servers {
		for range 4 {
			wg.Go(func() {
				for range each / 4 {
					svc := newService("x", typed(corev1.ServiceTypeNodePort))
					if _, err := s.Create(context.Background(), svc, false); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, k := range []any{svc.Spec.ClusterIP, svc.Spec.Ports[0].NodePort} {
						if seen[k] != "" {
							t.Errorf("%v given out by server %s and %d", k, seen[k], n)
						}
						seen[k] = string(rune('0' + n))
					}
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	if len(seen) != 4*each {
		t.Errorf("%d given out, want %d", len(seen), 4*each)
	}
}

func TestRangeFillsUp(t *testing.T) {
	c := newCluster()
	s := c.server(t, "10.0.0.0/26")
	for i := range 62 {
		svc := newService("x")
		if _, err := s.Create(context.Background(), svc, false); err != nil {
			t.Fatalf("after %d: %v", i, err)
		}
		if i < 46 && netip.MustParseAddr(svc.Spec.ClusterIP).Less(netip.MustParseAddr("10.0.0.17")) {
			t.Fatalf("%s from the lower part while the upper is not full", svc.Spec.ClusterIP)
		}
	}
	if _, err := s.Create(context.Background(), newService("a"), false); err == nil || !strings.HasSuffix(err.Error(), "failed to allocate IP: range is full") {
		t.Fatal(err)
	}
	more := &networkingv1.ServiceCIDR{ObjectMeta: metav1.ObjectMeta{Name: "more"}, Spec: networkingv1.ServiceCIDRSpec{CIDRs: []string{"10.9.0.0/24"}}}
	c.cidrs = append(c.cidrs, more)
	svc := newService("a")
	if _, err := s.Create(context.Background(), svc, false); err != nil || !strings.HasPrefix(svc.Spec.ClusterIP, "10.9.0.") {
		t.Errorf("%s %v, want one of the second range", svc.Spec.ClusterIP, err)
	}
	more.Status.Conditions = []metav1.Condition{{Type: networkingv1.ServiceCIDRConditionReady, Status: metav1.ConditionFalse}}
	if _, err := s.Create(context.Background(), newService("b"), false); err == nil {
		t.Error("an address of a range that is not ready")
	}
}
