package presence

import (
	"context"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/nave-k8s/nave/kinds"
)

// name is that of the Service, of its endpoints and of the ServiceCIDR.
const (
	name      = "kubernetes"
	namespace = metav1.NamespaceDefault
)

func familyOf(a netip.Addr) corev1.IPFamily {
	if a.Is4() {
		return corev1.IPv4Protocol
	}
	return corev1.IPv6Protocol
}

// service is what the Service should be.
func (p *Presence) service() *corev1.Service {
	policy, first := corev1.IPFamilyPolicySingleStack, p.Ranges[0].Masked().Addr().Next()
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: namespace,
			Labels: map[string]string{"component": "apiserver", "provider": "kubernetes"},
		},
		Spec: corev1.ServiceSpec{
			Type: corev1.ServiceTypeClusterIP, SessionAffinity: corev1.ServiceAffinityNone,
			ClusterIP: first.String(), IPFamilies: []corev1.IPFamily{familyOf(first)}, IPFamilyPolicy: &policy,
			Ports: []corev1.ServicePort{{Name: "https", Port: 443, Protocol: corev1.ProtocolTCP, TargetPort: intstr.FromInt32(int32(p.Port))}},
		},
	}
}

// ensureService makes the Service, and has it lead to the servers' port. What else an operator has
// changed stays.
func (p *Presence) ensureService(ctx context.Context) error {
	want := p.service()
	obj, err := p.Objects.Get(ctx, "", "services", namespace, name)
	if apierrors.IsNotFound(err) {
		return settled(p.Objects.Create(ctx, "", "services", want))
	}
	if err != nil || equality.Semantic.DeepEqual(ports(obj), ports(want)) {
		return err
	}
	return p.Objects.Update(ctx, "", "services", "", namespace, name, func(obj kinds.Object) error {
		obj.(*corev1.Service).Spec.Ports = want.Spec.Ports
		return nil
	})
}

func ports(obj kinds.Object) []corev1.ServicePort { return obj.(*corev1.Service).Spec.Ports }

// settled takes it for done if another server was first.
func settled(err error) error {
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}
