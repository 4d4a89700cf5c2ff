package allocate

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/core/service"
)

// What is wrong with a cluster IP, as clients see it.
var (
	errIPTaken    = errors.New("provided IP is already allocated")
	errIPMismatch = errors.New("the provided network does not match the current range")
	errFull       = errors.New("range is full")
)

const ipManager = "ipallocator.k8s.io"

// blindTries is how many addresses are tried without looking which are taken.
const blindTries = 8

// allocateIPs gives the service a cluster IP of each of its families.
func (s *Services) allocateIPs(ctx context.Context, tx *transaction, svc *corev1.Service) error {
	if !service.NeedsClusterIP(svc) || headless(svc) {
		return nil
	}
	for i := range svc.Spec.IPFamilies {
		if i >= len(svc.Spec.ClusterIPs) {
			svc.Spec.ClusterIPs = append(svc.Spec.ClusterIPs, "")
		}
	}
	for i := range svc.Spec.IPFamilies {
		if err := s.allocateIP(ctx, tx, svc, i); err != nil {
			return err
		}
	}
	return nil
}

func headless(svc *corev1.Service) bool {
	return svc.Spec.ClusterIP == corev1.ClusterIPNone || service.Headless(svc)
}

// allocateIP gives the service its i-th cluster IP.
func (s *Services) allocateIP(ctx context.Context, tx *transaction, svc *corev1.Service, i int) error {
	var ip netip.Addr
	var err error
	asked := svc.Spec.ClusterIPs[i]
	if asked == "" {
		ip, err = s.nextIP(ctx, tx.dry, svc, svc.Spec.IPFamilies[i])
		if err != nil {
			return invalid(svc, field.Invalid(field.NewPath("spec", "clusterIPs"), svc.Spec.ClusterIPs, fmt.Sprintf("failed to allocate IP: %v", err)))
		}
	} else {
		if ip, err = netip.ParseAddr(asked); err == nil {
			err = s.takeIP(ctx, tx.dry, svc, ip)
		}
		if err != nil {
			return invalid(svc, field.Invalid(field.NewPath("spec", "clusterIPs"), svc.Spec.ClusterIPs, fmt.Sprintf("failed to allocate IP %v: %v", asked, err)))
		}
	}
	tx.taken(func(ctx context.Context) { _ = s.Objects.DeleteIPAddress(ctx, ip.String(), "") })
	if asked == "" {
		svc.Spec.ClusterIPs[i] = ip.String()
	}
	if i == 0 {
		svc.Spec.ClusterIP = svc.Spec.ClusterIPs[0]
	}
	return nil
}

// updateIPs follows a change of the type or of the families.
func (s *Services) updateIPs(ctx context.Context, tx *transaction, svc, old *corev1.Service) error {
	external := func(svc *corev1.Service) bool { return svc.Spec.Type == corev1.ServiceTypeExternalName }
	switch {
	case external(old) && !external(svc):
		return s.allocateIPs(ctx, tx, svc)
	case headless(old):
		return nil
	case !external(old) && external(svc):
		s.spareIPs(tx, old.Spec.ClusterIPs)
	case len(old.Spec.IPFamilies) == 1 && len(svc.Spec.IPFamilies) == 2:
		if len(svc.Spec.ClusterIPs) < 2 {
			svc.Spec.ClusterIPs = append(slices.Clone(svc.Spec.ClusterIPs), "")
		}
		return s.allocateIP(ctx, tx, svc, 1)
	case len(old.Spec.IPFamilies) == 2 && len(svc.Spec.IPFamilies) == 1 && len(old.Spec.ClusterIPs) == 2:
		s.spareIPs(tx, old.Spec.ClusterIPs[1:])
	}
	return nil
}

func (s *Services) spareIPs(tx *transaction, ips []string) {
	ips = slices.Clone(ips)
	tx.spare(func(ctx context.Context) {
		for _, ip := range ips {
			_ = s.Objects.DeleteIPAddress(ctx, ip, "")
		}
	})
}

// takeIP takes the address that was asked for.
func (s *Services) takeIP(ctx context.Context, dry bool, svc *corev1.Service, ip netip.Addr) error {
	ranges, err := s.ranges(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(ranges, func(r ipRange) bool { return r.contains(ip) }) {
		return errIPMismatch
	}
	if dry {
		return nil
	}
	return s.createIP(ctx, svc, ip)
}

// nextIP takes any free address of the family.
func (s *Services) nextIP(ctx context.Context, dry bool, svc *corev1.Service, family corev1.IPFamily) (netip.Addr, error) {
	ranges, err := s.ranges(ctx)
	if err != nil {
		return netip.Addr{}, err
	}
	var got netip.Addr
	var taken map[string]bool // known after a few failures only: most ranges are nearly empty
	tries := 0
	for _, r := range ranges {
		if familyOf(r.prefix.Addr()) != family {
			continue
		}
		var failed error
		r.order(s.Random, func(ip netip.Addr) bool {
			if dry {
				got = ip
				return true
			}
			if tries++; tries > blindTries && taken == nil {
				if taken, failed = s.takenIPs(ctx); failed != nil {
					return true
				}
			}
			if taken[ip.String()] {
				return false
			}
			switch err := s.createIP(ctx, svc, ip); {
			case err == nil:
				got = ip
			case errors.Is(err, errIPTaken):
				return false
			default:
				failed = err
			}
			return true
		})
		if failed != nil || got.IsValid() {
			return got, failed
		}
	}
	return netip.Addr{}, errFull
}

func (s *Services) takenIPs(ctx context.Context) (map[string]bool, error) {
	all, err := s.Reader.List(ctx, networkingv1.GroupName, "ipaddresses", "")
	if err != nil {
		return nil, err
	}
	taken := make(map[string]bool, len(all))
	for _, obj := range all {
		taken[obj.GetName()] = true
	}
	return taken, nil
}

func (s *Services) createIP(ctx context.Context, svc *corev1.Service, ip netip.Addr) error {
	err := s.Objects.CreateIPAddress(ctx, newIPAddress(svc, ip))
	if apierrors.IsAlreadyExists(err) {
		return errIPTaken
	}
	return err
}

func newIPAddress(svc *corev1.Service, ip netip.Addr) *networkingv1.IPAddress {
	return &networkingv1.IPAddress{
		ObjectMeta: metav1.ObjectMeta{
			Name: ip.String(),
			Labels: map[string]string{
				networkingv1.LabelIPAddressFamily: string(familyOf(ip)),
				networkingv1.LabelManagedBy:       ipManager,
			},
		},
		Spec: networkingv1.IPAddressSpec{ParentRef: &networkingv1.ParentReference{Resource: "services", Namespace: svc.Namespace, Name: svc.Name}},
	}
}
