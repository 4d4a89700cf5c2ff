package adminaccess

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// namespaces are a Reader of namespaces by name, with whether each has the label.
type namespaces map[string]bool

func (n namespaces) Get(_ context.Context, _, plural, _, name string) (kinds.Object, error) {
	labelled, ok := n[name]
	if !ok || plural != "namespaces" {
		return nil, errors.New("not found")
	}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if labelled {
		ns.Labels = map[string]string{"resource.kubernetes.io/admin-access": "true"}
	}
	return ns, nil
}

func TestAdminAccess(t *testing.T) {
	c := Checker{namespaces{"plain": false, "admin": true}}
	yes, no := true, false
	for _, test := range []struct {
		namespace string
		access    *bool
		want      string
	}{
		{"plain", nil, ""},
		{"plain", &no, ""},
		{"plain", &yes, "spec.devices.requests[1].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace"},
		{"admin", &yes, ""},
		{"gone", &yes, "spec.devices.requests[1].adminAccess: Internal error: could not retrieve namespace to verify admin access: not found"},
	} {
		claim := &resourcev1.ResourceClaim{ObjectMeta: metav1.ObjectMeta{Namespace: test.namespace}}
		claim.Spec.Devices.Requests = []resourcev1.DeviceRequest{
			{Name: "a", FirstAvailable: []resourcev1.DeviceSubRequest{{Name: "b"}}},
			{Name: "c", Exactly: &resourcev1.ExactDeviceRequest{AdminAccess: test.access}},
		}
		template := &resourcev1.ResourceClaimTemplate{ObjectMeta: claim.ObjectMeta, Spec: resourcev1.ResourceClaimTemplateSpec{Spec: claim.Spec}}
		for _, errs := range [][]error{unwrap(c.Claim(context.Background(), claim)), unwrap(c.Template(context.Background(), template))} {
			got := ""
			if len(errs) > 0 {
				got = errs[0].Error()
			}
			if got != test.want {
				t.Errorf("%s %v: %q, want %q", test.namespace, test.access, got, test.want)
			}
		}
	}
}

func unwrap[E error](errs []E) []error {
	var list []error
	for _, err := range errs {
		list = append(list, err)
	}
	return list
}
