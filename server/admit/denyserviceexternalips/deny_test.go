package denyserviceexternalips

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestReview(t *testing.T) {
	service := func(ips ...string) *corev1.Service {
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Spec: corev1.ServiceSpec{ExternalIPs: ips}}
	}
	for _, test := range []struct {
		name  string
		write *admit.Attributes
		ok    bool
	}{
		{"none", admittest.Write(admit.Create, service(), nil), true},
		{"new", admittest.Write(admit.Create, service("1.2.3.4"), nil), false},
		{"kept", admittest.Write(admit.Update, service("1.2.3.4"), service("1.2.3.4", "1.2.3.5")), true},
		{"added", admittest.Write(admit.Update, service("1.2.3.4", "1.2.3.5"), service("1.2.3.4")), false},
	} {
		err := Plugin{}.Review(context.Background(), test.write)
		want := `services "s" is forbidden: Use of external IPs is denied by admission control.`
		if test.ok && err != nil || !test.ok && (err == nil || err.Error() != want) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}
