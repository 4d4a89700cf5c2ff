package presence

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// ensureCIDR makes the ServiceCIDR of the server's own ranges and says that it is ready. One of other
// ranges stays as it is: services have addresses of them.
func (p *Presence) ensureCIDR(ctx context.Context) error {
	want := make([]string, len(p.Ranges))
	for i, r := range p.Ranges {
		want[i] = r.String()
	}
	obj, err := p.Objects.Get(ctx, networkingv1.GroupName, "servicecidrs", "", name)
	if apierrors.IsNotFound(err) {
		cidr := &networkingv1.ServiceCIDR{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: networkingv1.ServiceCIDRSpec{CIDRs: want}}
		if err := settled(p.Objects.Create(ctx, networkingv1.GroupName, "servicecidrs", cidr)); err != nil {
			return err
		}
		obj, err = p.Objects.Get(ctx, networkingv1.GroupName, "servicecidrs", "", name)
	}
	if err != nil {
		return err
	}
	cidr := obj.(*networkingv1.ServiceCIDR)
	if !sameRanges(cidr.Spec.CIDRs, p.Ranges) {
		if p.complains {
			return nil
		}
		p.complains = true
		return fmt.Errorf("the ServiceCIDR %q has the ranges %v, this server was started with %v; services get addresses of the former", name, cidr.Spec.CIDRs, want)
	}
	if cidr.DeletionTimestamp != nil || meta.FindStatusCondition(cidr.Status.Conditions, networkingv1.ServiceCIDRConditionReady) != nil {
		return nil
	}
	_, err = p.Objects.Set(ctx, networkingv1.GroupName, "servicecidrs", "", name, p.markReady)
	return err
}

func sameRanges(cidrs []string, ranges []netip.Prefix) bool {
	return slices.EqualFunc(cidrs, ranges, func(text string, r netip.Prefix) bool {
		p, err := netip.ParsePrefix(text)
		return err == nil && p == r
	})
}

// markReady sets the condition as kube-apiserver's controller does: by an apply of its own manager.
func (p *Presence) markReady(obj kinds.Object) error {
	now := metav1.NewTime(p.Now().UTC().Truncate(1e9))
	cidr := obj.(*networkingv1.ServiceCIDR)
	meta.SetStatusCondition(&cidr.Status.Conditions, metav1.Condition{
		Type: networkingv1.ServiceCIDRConditionReady, Status: metav1.ConditionTrue,
		Message: "Kubernetes default Service CIDR is ready", LastTransitionTime: now,
	})
	owned := `{"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:lastTransitionTime":{},"f:message":{},"f:status":{},"f:type":{}}}}}`
	cidr.ManagedFields = append([]metav1.ManagedFieldsEntry{{
		Manager: "kubernetes-service-cidr-controller", Operation: metav1.ManagedFieldsOperationApply, Subresource: "status",
		APIVersion: "networking.k8s.io/v1", Time: &now, FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{Raw: []byte(owned)},
	}}, cidr.ManagedFields...)
	return nil
}
