package allocate

import (
	"context"
	"net/netip"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// defaultCIDR is the name of the ServiceCIDR made of the server's own ranges.
const defaultCIDR = "kubernetes"

// ranges are the ranges addresses may come from: the server's own first, then those of ServiceCIDR objects
// that are ready. One without conditions is: its controller may not run.
func (s *Services) ranges(ctx context.Context) ([]ipRange, error) {
	all, err := s.Reader.List(ctx, networkingv1.GroupName, "servicecidrs", "")
	if err != nil {
		return nil, err
	}
	var own, more []ipRange
	found := false
	for _, obj := range all {
		c := obj.(*networkingv1.ServiceCIDR)
		found = found || c.Name == defaultCIDR
		if c.DeletionTimestamp != nil || meta.IsStatusConditionFalse(c.Status.Conditions, networkingv1.ServiceCIDRConditionReady) ||
			meta.IsStatusConditionPresentAndEqual(c.Status.Conditions, networkingv1.ServiceCIDRConditionReady, metav1.ConditionUnknown) {
			continue
		}
		for _, cidr := range c.Spec.CIDRs {
			p, err := netip.ParsePrefix(cidr)
			if err != nil {
				continue // validation let in none
			}
			if c.Name == defaultCIDR {
				own = append(own, newIPRange(p))
			} else {
				more = append(more, newIPRange(p))
			}
		}
	}
	if !found { // a server that has only begun
		for _, p := range s.Ranges {
			own = append(own, newIPRange(p))
		}
	}
	return append(own, more...), nil
}
