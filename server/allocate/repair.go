package allocate

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// RepairInterval is how often servers repair.
const RepairInterval = 3 * time.Minute

// A Repairer finds what is allocated and has no service, and services that have what is not allocated.
// Every server may run one: each step is a create, a delete of a known uid, or a compare-and-swap.
type Repairer struct {
	services *Services
	suspects map[int32]int
}

// NewRepairer returns one for what s allocates. It belongs to one goroutine.
func NewRepairer(s *Services) *Repairer { return &Repairer{services: s} }

// Run repairs at once and at every interval, until the context ends. report hears of what a repair failed
// at, and of each problem that only a person can repair.
func (r *Repairer) Run(ctx context.Context, interval time.Duration, report func([]Problem, error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if problems, err := r.Once(ctx); len(problems) > 0 || err != nil && ctx.Err() == nil {
			report(problems, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once repairs once.
func (r *Repairer) Once(ctx context.Context) ([]Problem, error) {
	s, err := r.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	plan := NewPlan(s)
	r.suspects = plan.Suspects
	return plan.Unrepairable, r.apply(ctx, plan)
}

func (r *Repairer) snapshot(ctx context.Context) (Snapshot, error) {
	sv := r.services
	s := Snapshot{NodePorts: sv.NodePorts, Suspects: r.suspects, Now: sv.Now()}
	addresses, err := sv.Reader.List(ctx, networkingv1.GroupName, "ipaddresses", "")
	if err != nil {
		return s, fmt.Errorf("reading IP addresses: %w", err)
	}
	for _, obj := range addresses {
		s.Addresses = append(s.Addresses, obj.(*networkingv1.IPAddress))
	}
	if s.Ports, err = sv.ports.taken(ctx); err != nil {
		return s, err
	}
	ranges, err := sv.ranges(ctx)
	if err != nil {
		return s, fmt.Errorf("reading service CIDRs: %w", err)
	}
	s.InRange = func(ip netip.Addr) bool {
		return slices.ContainsFunc(ranges, func(r ipRange) bool { return r.prefix.Contains(ip) })
	}
	services, err := sv.Reader.List(ctx, "", "services", "")
	if err != nil {
		return s, fmt.Errorf("reading services: %w", err)
	}
	for _, obj := range services {
		s.Services = append(s.Services, obj.(*corev1.Service))
	}
	return s, nil
}

// taken returns the ports that are taken, as they are stored now.
func (p *ports) taken(ctx context.Context) ([]int32, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.load(ctx); err != nil {
		return nil, err
	}
	var out []int32
	for i := range p.rng.size() {
		if p.bits.Bit(i) == 1 {
			out = append(out, p.rng.First+int32(i))
		}
	}
	return out, nil
}

func (r *Repairer) apply(ctx context.Context, plan Plan) error {
	var errs []error
	for _, a := range plan.Delete {
		if err := r.services.Objects.DeleteIPAddress(ctx, a.Name, a.UID); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			errs = append(errs, fmt.Errorf("releasing %s: %w", a.Name, err))
		}
	}
	for _, a := range plan.Create {
		if err := r.services.Objects.CreateIPAddress(ctx, a); err != nil && !apierrors.IsAlreadyExists(err) {
			errs = append(errs, fmt.Errorf("allocating %s to %s/%s: %w", a.Name, a.Spec.ParentRef.Namespace, a.Spec.ParentRef.Name, err))
		}
	}
	if len(plan.Take)+len(plan.Free) > 0 {
		errs = append(errs, r.services.ports.change(ctx, func(set *portSet) error {
			for _, port := range plan.Take {
				_ = set.take(port) // by now somebody else may have
			}
			for _, port := range plan.Free {
				set.free(port)
			}
			return nil
		}))
	}
	return errors.Join(errs...)
}
