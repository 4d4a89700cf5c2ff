// Package allocate gives Services what exists once in a cluster: cluster IPs, one IPAddress object each
// (KEP-1880), and node ports, bits of /registry/ranges/servicenodeports. Stage 4 calls it around the write
// of a Service: before the object's metadata and the kind's rules are validated, as kube-apiserver does, so
// that what is refused here is refused first. The function that Create and Update return must be called
// once: with true when the write is done, with false when it was refused or failed; then what was taken is
// given back.
//
// Several servers may allocate at once: an IPAddress is made by a create that fails if it is there, the
// ports' bits are written by compare-and-swap. What a crash leaves behind, Repair finds.
package allocate

import (
	"context"
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/core/service"
	"github.com/nave-k8s/nave/store"
)

// Config is what the allocator works with.
type Config struct {
	// Ranges are --service-cluster-ip-range: one, or one of each family. The first one's family is the
	// default of services.
	Ranges []netip.Prefix
	// NodePorts is --service-node-port-range.
	NodePorts PortRange

	Reader  Reader
	Objects Objects
	Store   store.Store // of the ports' bits
	// Random returns a number in [0, n).
	Random func(n uint64) uint64
	Now    func() time.Time
}

// A Reader reads from the watch cache; what it returns is the caller's own copy.
type Reader interface {
	List(ctx context.Context, group, plural, namespace string) ([]kinds.Object, error)
}

// Objects makes and removes objects on the server's behalf, as the manager kube-apiserver. Errors are API
// status errors.
type Objects interface {
	CreateIPAddress(ctx context.Context, ip *networkingv1.IPAddress) error
	// DeleteIPAddress removes the object; with a uid, only if it is that one.
	DeleteIPAddress(ctx context.Context, name string, uid types.UID) error
}

// Services allocates for Services. Its methods may be called by many goroutines.
type Services struct {
	Config
	families service.Families
	ports    *ports
}

// settle says what the client meant: which addresses it keeps, and of which families it wants them.
func (s *Services) settle(svc, old *corev1.Service) error {
	service.Restore(svc, old)
	return invalid(svc, s.families.Init(svc, old)...)
}

func invalid(svc *corev1.Service, errs ...*field.Error) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Kind: "Service"}, svc.Name, errs)
}

func familyOf(a netip.Addr) corev1.IPFamily {
	if a.Unmap().Is4() {
		return corev1.IPv4Protocol
	}
	return corev1.IPv6Protocol
}

// New returns an allocator.
func New(c Config) *Services {
	families := make(service.Families, 0, 2)
	for _, r := range c.Ranges {
		if f := familyOf(r.Addr()); !slices.Contains(families, f) {
			families = append(families, f)
		}
	}
	return &Services{Config: c, families: families, ports: &ports{store: c.Store, rng: c.NodePorts, random: c.Random}}
}

// Create fills in and allocates what a new service needs.
func (s *Services) Create(ctx context.Context, obj kinds.Object, dryRun bool) (done func(ok bool), err error) {
	svc := obj.(*corev1.Service)
	if err := s.settle(svc, nil); err != nil {
		return nil, err
	}
	tx := &transaction{ctx: ctx, dry: dryRun}
	if err := s.allocateIPs(ctx, tx, svc); err != nil {
		tx.done(false)
		return nil, err
	}
	if err := s.createPorts(ctx, tx, svc); err != nil {
		tx.done(false)
		return nil, err
	}
	return tx.done, nil
}

// Update keeps what the client left out, and allocates and gives back what the change calls for.
func (s *Services) Update(ctx context.Context, obj, oldObj kinds.Object, dryRun bool) (done func(ok bool), err error) {
	svc, old := obj.(*corev1.Service), oldObj.(*corev1.Service)
	if err := s.settle(svc, old); err != nil {
		return nil, err
	}
	tx := &transaction{ctx: ctx, dry: dryRun}
	if err := s.updateIPs(ctx, tx, svc, old); err != nil {
		tx.done(false)
		return nil, err
	}
	if err := s.updatePorts(ctx, tx, svc, old); err != nil {
		tx.done(false)
		return nil, err
	}
	return tx.done, nil
}

// Deleted gives back what a service had, once it is gone. Its Endpoints are the endpoint controller's. It fails for nobody: what it cannot give back,
// Repair will.
func (s *Services) Deleted(ctx context.Context, obj kinds.Object) {
	svc := obj.(*corev1.Service)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	for _, ip := range service.AllocatedIPs(svc) {
		_ = s.Objects.DeleteIPAddress(ctx, ip, "")
	}
	release := nodePortsOf(svc)
	if service.NeedsHealthCheckPort(svc) && svc.Spec.HealthCheckNodePort > 0 {
		release = append(release, svc.Spec.HealthCheckNodePort)
	}
	_ = s.ports.release(ctx, release)
}

const releaseTimeout = 10 * time.Second
