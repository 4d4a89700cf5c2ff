package allocate

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/store"
)

// cluster is what several servers share: the ports' key and the IPAddress objects.
type cluster struct {
	store.Store // nothing but one key is asked for

	mu        sync.Mutex
	value     []byte
	revision  int64
	addresses map[string]*networkingv1.IPAddress
	services  []*corev1.Service
	cidrs     []*networkingv1.ServiceCIDR
}

func newCluster() *cluster { return &cluster{addresses: map[string]*networkingv1.IPAddress{}} }

func (c *cluster) server(t *testing.T, ranges ...string) *Services {
	t.Helper()
	prefixes, err := ParseRanges(ranges)
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Ranges: prefixes, NodePorts: DefaultNodePorts, Reader: c, Objects: c, Store: c,
		Random: rand.Uint64N, Now: func() time.Time { return testNow },
	})
}

var testNow = time.Unix(1_700_000_000, 0)

func (c *cluster) Get(context.Context, string) (*store.KeyValue, int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.value == nil {
		return nil, c.revision, nil
	}
	return &store.KeyValue{Key: portsKey, Value: c.value, Revision: c.revision}, c.revision, nil
}

func (c *cluster) Create(_ context.Context, key string, value []byte, _ int64) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.value != nil {
		return 0, &store.ExistsError{Key: key}
	}
	c.value, c.revision = value, c.revision+1
	return c.revision, nil
}

func (c *cluster) Update(_ context.Context, key string, value []byte, revision, _ int64) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if revision != c.revision {
		return 0, &store.ConflictError{Key: key}
	}
	c.value, c.revision = value, c.revision+1
	return c.revision, nil
}

func (c *cluster) List(_ context.Context, _, plural, _ string) ([]kinds.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []kinds.Object
	switch plural {
	case "ipaddresses":
		for _, a := range c.addresses {
			out = append(out, a)
		}
	case "servicecidrs":
		for _, s := range c.cidrs {
			out = append(out, s)
		}
	case "services":
		for _, s := range c.services {
			out = append(out, s)
		}
	}
	return out, nil
}

func (c *cluster) CreateIPAddress(_ context.Context, ip *networkingv1.IPAddress) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ip.Spec.ParentRef.Name == "" {
		return apierrors.NewInvalid(schema.GroupKind{Group: "networking.k8s.io", Kind: "IPAddress"}, ip.Name, field.ErrorList{field.Required(field.NewPath("spec", "parentRef", "name"), "")})
	}
	if c.addresses[ip.Name] != nil {
		return apierrors.NewAlreadyExists(schema.GroupResource{Group: "networking.k8s.io", Resource: "ipaddresses"}, ip.Name)
	}
	ip.CreationTimestamp = metav1.NewTime(testNow)
	c.addresses[ip.Name] = ip
	return nil
}

func (c *cluster) DeleteIPAddress(_ context.Context, name string, uid types.UID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.addresses[name]; a != nil && (uid == "" || a.UID == uid) {
		delete(c.addresses, name)
	}
	return nil
}

// takenPorts are the ports that the stored bits say are taken.
func (c *cluster) takenPorts(t *testing.T) []int32 {
	t.Helper()
	list, err := (&ports{store: c, rng: DefaultNodePorts}).taken(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

type option func(*corev1.Service)

func newService(name string, options ...option) *corev1.Service {
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "ns"}}
	s.Spec.Type = corev1.ServiceTypeClusterIP
	s.Spec.Selector = map[string]string{"a": "b"}
	s.Spec.Ports = []corev1.ServicePort{{Port: 80, Protocol: corev1.ProtocolTCP}}
	for _, o := range options {
		o(s)
	}
	return s
}

func typed(t corev1.ServiceType) option { return func(s *corev1.Service) { s.Spec.Type = t } }

func addressed(ips ...string) option {
	return func(s *corev1.Service) { s.Spec.ClusterIP, s.Spec.ClusterIPs = ips[0], ips }
}

func policy(p corev1.IPFamilyPolicy) option {
	return func(s *corev1.Service) { s.Spec.IPFamilyPolicy = &p }
}

func families(f ...corev1.IPFamily) option {
	return func(s *corev1.Service) { s.Spec.IPFamilies = f }
}

func nodePorts(list ...int32) option {
	return func(s *corev1.Service) {
		s.Spec.Ports = nil
		for i, p := range list {
			s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: string(rune('a' + i)), Port: int32(80 + i), Protocol: corev1.ProtocolTCP, NodePort: p})
		}
	}
}

func local(health int32) option {
	return func(s *corev1.Service) {
		s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
		s.Spec.HealthCheckNodePort = health
	}
}

func withoutPorts(s *corev1.Service) {
	no := false
	s.Spec.AllocateLoadBalancerNodePorts = &no
}

func selectorless(s *corev1.Service) { s.Spec.Selector = nil }

func mustParse(s string) netip.Prefix { return netip.MustParsePrefix(s) }
