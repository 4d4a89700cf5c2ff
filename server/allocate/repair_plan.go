package allocate

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/kinds/core/service"
)

// A Snapshot is what a repair looks at. Addresses and ports must have been read before the services, so
// that nothing taken for a service that is not yet seen is held for lost.
type Snapshot struct {
	Addresses []*networkingv1.IPAddress
	Ports     []int32 // taken
	Services  []*corev1.Service
	InRange   func(netip.Addr) bool
	NodePorts PortRange
	// Suspects are ports that nobody seemed to have, and how often that was seen in a row.
	Suspects map[int32]int
	Now      time.Time
}

// A Plan is what a repair does: Delete, then Create, then the ports.
type Plan struct {
	Delete       []*networkingv1.IPAddress
	Create       []*networkingv1.IPAddress
	Take, Free   []int32
	Suspects     map[int32]int // for the next snapshot
	Unrepairable []Problem
}

// A Problem is what only a person can repair.
type Problem struct {
	Service         types.NamespacedName
	Reason, Message string // of an event
}

const (
	// addressGrace is how long an IPAddress may be there before its service is.
	addressGrace = time.Minute
	// suspectTimes is how often a port must be found without an owner before it is freed.
	suspectTimes = 3
)

// NewPlan compares what services have with what is allocated.
func NewPlan(s Snapshot) Plan {
	services := slices.Clone(s.Services)
	slices.SortFunc(services, func(a, b *corev1.Service) int { // of two with one IP the older is right
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	p := Plan{Suspects: map[int32]int{}}
	p.planAddresses(s, services)
	p.planPorts(s, services)
	return p
}

func (p *Plan) problem(svc *corev1.Service, reason, format string, args ...any) {
	p.Unrepairable = append(p.Unrepairable, Problem{
		Service: types.NamespacedName{Namespace: svc.Namespace, Name: svc.Name}, Reason: reason, Message: fmt.Sprintf(format, args...),
	})
}

func (p *Plan) planAddresses(s Snapshot, services []*corev1.Service) {
	there := make(map[string]*networkingv1.IPAddress, len(s.Addresses))
	for _, a := range s.Addresses {
		there[a.Name] = a
	}
	owner := map[string]*corev1.Service{}
	for _, svc := range services {
		for _, text := range service.AllocatedIPs(svc) {
			ip, err := netip.ParseAddr(text)
			switch {
			case err != nil:
				p.problem(svc, "ClusterIPNotValid", "Cluster IP %s is not a valid IP; please recreate Service", text)
				continue
			case owner[ip.String()] != nil:
				p.problem(svc, "ClusterIPAlreadyAllocated", "Cluster [%s]: %s was assigned to multiple services; please recreate Service", familyOf(ip), ip)
				continue
			case !s.InRange(ip):
				p.problem(svc, "ClusterIPOutOfRange", "Cluster [%s]: %s is not within any configured Service CIDR; please recreate Service", familyOf(ip), ip)
			}
			owner[ip.String()] = svc
			want := newIPAddress(svc, ip)
			have := there[want.Name]
			if have != nil && standsFor(have, want) {
				continue
			}
			if have != nil {
				p.Delete = append(p.Delete, have)
			}
			p.Create = append(p.Create, want)
		}
	}
	for _, a := range s.Addresses {
		if owner[a.Name] == nil && a.Labels[networkingv1.LabelManagedBy] == ipManager && s.Now.Sub(a.CreationTimestamp.Time) > addressGrace {
			p.Delete = append(p.Delete, a)
		}
	}
}

func standsFor(have, want *networkingv1.IPAddress) bool {
	h, w := have.Spec.ParentRef, want.Spec.ParentRef
	return h != nil && h.Group == w.Group && h.Resource == w.Resource && h.Namespace == w.Namespace && h.Name == w.Name &&
		have.Labels[networkingv1.LabelManagedBy] == ipManager && have.Labels[networkingv1.LabelIPAddressFamily] == want.Labels[networkingv1.LabelIPAddressFamily]
}

func (p *Plan) planPorts(s Snapshot, services []*corev1.Service) {
	taken := make(map[int32]bool, len(s.Ports))
	for _, port := range s.Ports {
		taken[port] = true
	}
	owned := map[int32]bool{}
	for _, svc := range services {
		has := nodePortsOf(svc)
		if port := svc.Spec.HealthCheckNodePort; port != 0 && service.NeedsHealthCheckPort(svc) && !slices.Contains(has, port) {
			has = append(has, port)
		}
		for _, port := range has {
			switch {
			case port < s.NodePorts.First || port > s.NodePorts.Last:
				p.problem(svc, "PortOutOfRange", "Port %d is not within the port range %v; please recreate service", port, s.NodePorts)
			case owned[port]:
				p.problem(svc, "PortAlreadyAllocated", "Port %d was assigned to multiple services; please recreate service", port)
			case !taken[port]:
				p.Take = append(p.Take, port)
			}
			owned[port] = true
		}
	}
	for _, port := range s.Ports {
		if owned[port] {
			continue
		}
		if n := s.Suspects[port] + 1; n < suspectTimes {
			p.Suspects[port] = n
		} else {
			p.Free = append(p.Free, port)
		}
	}
}
