package presence

import (
	"context"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// ensureEndpoints makes the Service's endpoints the living servers, in both forms.
func (p *Presence) ensureEndpoints(ctx context.Context) error {
	servers, err := p.living(ctx)
	if err != nil {
		return err
	}
	endpoints, slice := p.endpoints(servers), p.slice(servers)
	err = p.ensure(ctx, "", "endpoints", endpoints,
		func(obj kinds.Object) bool {
			have := obj.(*corev1.Endpoints)
			return equality.Semantic.DeepEqual(have.Subsets, endpoints.Subsets) && have.Labels[discoveryv1.LabelSkipMirror] == "true"
		},
		func(obj kinds.Object) {
			have := obj.(*corev1.Endpoints)
			have.Subsets = endpoints.Subsets
			metav1.SetMetaDataLabel(&have.ObjectMeta, discoveryv1.LabelSkipMirror, "true")
		})
	if err != nil {
		return err
	}
	return p.ensure(ctx, discoveryv1.GroupName, "endpointslices", slice,
		func(obj kinds.Object) bool {
			have := obj.(*discoveryv1.EndpointSlice)
			return equality.Semantic.DeepEqual(have.Endpoints, slice.Endpoints) && equality.Semantic.DeepEqual(have.Ports, slice.Ports) &&
				have.Labels[discoveryv1.LabelServiceName] == name
		},
		func(obj kinds.Object) {
			have := obj.(*discoveryv1.EndpointSlice)
			have.Endpoints, have.Ports = slice.Endpoints, slice.Ports
			metav1.SetMetaDataLabel(&have.ObjectMeta, discoveryv1.LabelServiceName, name)
		})
}

// ensure creates the object, or corrects the one there is.
func (p *Presence) ensure(ctx context.Context, group, plural string, want kinds.Object, right func(kinds.Object) bool, correct func(kinds.Object)) error {
	obj, err := p.Objects.Get(ctx, group, plural, namespace, name)
	if apierrors.IsNotFound(err) {
		return settled(p.Objects.Create(ctx, group, plural, want))
	}
	if err != nil || right(obj) {
		return err
	}
	return p.Objects.Update(ctx, group, plural, "", namespace, name, func(obj kinds.Object) error {
		correct(obj)
		return nil
	})
}

func (p *Presence) endpoints(servers []netip.Addr) *corev1.Endpoints {
	e := &corev1.Endpoints{ObjectMeta: metav1.ObjectMeta{
		Name: name, Namespace: namespace, Labels: map[string]string{discoveryv1.LabelSkipMirror: "true"},
	}}
	if len(servers) == 0 {
		return e
	}
	subset := corev1.EndpointSubset{Ports: []corev1.EndpointPort{{Name: "https", Port: int32(p.Port), Protocol: corev1.ProtocolTCP}}}
	for _, a := range servers {
		subset.Addresses = append(subset.Addresses, corev1.EndpointAddress{IP: a.String()})
	}
	e.Subsets = []corev1.EndpointSubset{subset}
	return e
}

func (p *Presence) slice(servers []netip.Addr) *discoveryv1.EndpointSlice {
	port, portName, protocol, ready := int32(p.Port), "https", corev1.ProtocolTCP, true
	s := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: namespace, Labels: map[string]string{discoveryv1.LabelServiceName: name},
		},
		AddressType: discoveryv1.AddressType(familyOf(p.Address)),
		Endpoints:   []discoveryv1.Endpoint{},
		Ports:       []discoveryv1.EndpointPort{{Name: &portName, Port: &port, Protocol: &protocol}},
	}
	for _, a := range servers {
		if familyOf(a) == familyOf(p.Address) {
			s.Endpoints = append(s.Endpoints, discoveryv1.Endpoint{Addresses: []string{a.String()}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}})
		}
	}
	return s
}
