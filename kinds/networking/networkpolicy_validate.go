package networking

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds"
)

// policyCheck walks a NetworkPolicy. What it finds missing in an ipBlock is kept apart: upstream declares
// that rule on the type, and declared rules speak after those written by hand.
type policyCheck struct {
	selectors metavalidation.LabelSelectorValidationOptions
	stored    []string // CIDRs that may be in any form, because they were stored so
	declared  field.ErrorList
}

func validateNetworkPolicyCreate(_ kinds.Input, obj *networkingv1.NetworkPolicy) field.ErrorList {
	return (&policyCheck{}).policy(obj)
}

func validateNetworkPolicyUpdate(_ kinds.Input, obj, old *networkingv1.NetworkPolicy) field.ErrorList {
	c := &policyCheck{}
	eachPeer(old, func(p *networkingv1.NetworkPolicyPeer) {
		for _, s := range []*metav1.LabelSelector{p.PodSelector, p.NamespaceSelector} {
			if s != nil && metavalidation.LabelSelectorHasInvalidLabelValue(s) {
				c.selectors.AllowInvalidLabelValueInSelector = true
			}
		}
		if p.IPBlock != nil {
			c.stored = append(append(c.stored, p.IPBlock.CIDR), p.IPBlock.Except...)
		}
	})
	if metavalidation.LabelSelectorHasInvalidLabelValue(&old.Spec.PodSelector) {
		c.selectors.AllowInvalidLabelValueInSelector = true
	}
	return c.policy(obj)
}

func eachPeer(obj *networkingv1.NetworkPolicy, do func(*networkingv1.NetworkPolicyPeer)) {
	for i := range obj.Spec.Ingress {
		for j := range obj.Spec.Ingress[i].From {
			do(&obj.Spec.Ingress[i].From[j])
		}
	}
	for i := range obj.Spec.Egress {
		for j := range obj.Spec.Egress[i].To {
			do(&obj.Spec.Egress[i].To[j])
		}
	}
}

func (c *policyCheck) policy(obj *networkingv1.NetworkPolicy) field.ErrorList {
	path := field.NewPath("spec")
	errs := metavalidation.ValidateLabelSelector(&obj.Spec.PodSelector, c.selectors, path.Child("podSelector"))
	for i, rule := range obj.Spec.Ingress {
		p := path.Child("ingress").Index(i)
		errs = append(errs, c.ports(rule.Ports, p.Child("ports"))...)
		errs = append(errs, c.peers(rule.From, p.Child("from"))...)
	}
	for i, rule := range obj.Spec.Egress {
		p := path.Child("egress").Index(i)
		errs = append(errs, c.ports(rule.Ports, p.Child("ports"))...)
		errs = append(errs, c.peers(rule.To, p.Child("to"))...)
	}
	if len(obj.Spec.PolicyTypes) > 2 {
		errs = append(errs, field.Invalid(path.Child("policyTypes"), obj.Spec.PolicyTypes, "may not specify more than two policyTypes"))
		return append(errs, c.declared...)
	}
	for i, t := range obj.Spec.PolicyTypes {
		if t != networkingv1.PolicyTypeIngress && t != networkingv1.PolicyTypeEgress {
			errs = append(errs, field.NotSupported(path.Child("policyTypes").Index(i), t, []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}))
		}
	}
	return append(errs, c.declared...)
}

func (c *policyCheck) ports(ports []networkingv1.NetworkPolicyPort, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range ports {
		errs = append(errs, validatePolicyPort(&ports[i], path.Index(i))...)
	}
	return errs
}

func validatePolicyPort(port *networkingv1.NetworkPolicyPort, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if p := port.Protocol; p != nil && *p != corev1.ProtocolTCP && *p != corev1.ProtocolUDP && *p != corev1.ProtocolSCTP {
		errs = append(errs, field.NotSupported(path.Child("protocol"), *p, []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}))
	}
	end := func(msg string) { errs = append(errs, field.Invalid(path.Child("endPort"), *port.EndPort, msg)) }
	switch {
	case port.Port == nil:
		if port.EndPort != nil {
			end("may not be specified when `port` is not specified")
		}
	case port.Port.Type == intstr.Int:
		for _, msg := range validation.IsValidPortNum(int(port.Port.IntVal)) {
			errs = append(errs, field.Invalid(path.Child("port"), port.Port.IntVal, msg))
		}
		if port.EndPort != nil {
			if *port.EndPort < port.Port.IntVal {
				end("must be greater than or equal to `port`")
			}
			for _, msg := range validation.IsValidPortNum(int(*port.EndPort)) {
				end(msg)
			}
		}
	default:
		if port.EndPort != nil {
			end("may not be specified when `port` is non-numeric")
		}
		errs = append(errs, invalid(path.Child("port"), port.Port.StrVal, validation.IsValidPortName)...)
	}
	return errs
}

func (c *policyCheck) peers(peers []networkingv1.NetworkPolicyPeer, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range peers {
		errs = append(errs, c.peer(&peers[i], path.Index(i))...)
	}
	return errs
}

func (c *policyCheck) peer(peer *networkingv1.NetworkPolicyPeer, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	kinds := 0
	if peer.PodSelector != nil {
		kinds++
		errs = append(errs, metavalidation.ValidateLabelSelector(peer.PodSelector, c.selectors, path.Child("podSelector"))...)
	}
	if peer.NamespaceSelector != nil {
		kinds++
		errs = append(errs, metavalidation.ValidateLabelSelector(peer.NamespaceSelector, c.selectors, path.Child("namespaceSelector"))...)
	}
	if peer.IPBlock != nil {
		if kinds > 0 {
			errs = append(errs, field.Forbidden(path, "may not specify both ipBlock and another peer"))
		}
		kinds++
		errs = append(errs, c.ipBlock(peer.IPBlock, path.Child("ipBlock"))...)
	}
	if kinds == 0 {
		errs = append(errs, field.Required(path, "must specify a peer"))
	}
	return errs
}

func (c *policyCheck) ipBlock(b *networkingv1.IPBlock, path *field.Path) field.ErrorList {
	if b.CIDR == "" {
		c.declared = append(c.declared, field.Required(path.Child("cidr"), ""))
		return nil
	}
	errs := validation.IsValidCIDRForLegacyField(path.Child("cidr"), b.CIDR, true, c.stored)
	_, outer, err := netutils.ParseCIDRSloppy(b.CIDR)
	if err != nil {
		return errs
	}
	for i, except := range b.Except {
		p := path.Child("except").Index(i)
		errs = append(errs, validation.IsValidCIDRForLegacyField(p, except, true, c.stored)...)
		_, inner, err := netutils.ParseCIDRSloppy(except)
		if err != nil {
			continue
		}
		outerBits, _ := outer.Mask.Size()
		innerBits, _ := inner.Mask.Size()
		if !outer.Contains(inner.IP) || outerBits >= innerBits {
			errs = append(errs, field.Invalid(p, except, "must be a strict subset of `cidr`"))
		}
	}
	return errs
}

// warnNetworkPolicy warns of CIDRs written in an unusual form.
func warnNetworkPolicy(obj, _ *networkingv1.NetworkPolicy) []string {
	var out []string
	warn := func(peers []networkingv1.NetworkPolicyPeer, path *field.Path) {
		for i := range peers {
			b := peers[i].IPBlock
			if b == nil {
				continue
			}
			p := path.Index(i).Child("ipBlock")
			out = append(out, validation.GetWarningsForCIDR(p.Child("cidr"), b.CIDR)...)
			for j, except := range b.Except {
				out = append(out, validation.GetWarningsForCIDR(p.Child("except").Index(j), except)...)
			}
		}
	}
	for i := range obj.Spec.Ingress {
		warn(obj.Spec.Ingress[i].From, field.NewPath("spec", "ingress").Index(i).Child("from"))
	}
	for i := range obj.Spec.Egress {
		warn(obj.Spec.Egress[i].To, field.NewPath("spec", "egress").Index(i).Child("to"))
	}
	return out
}
