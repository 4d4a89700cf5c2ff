package allocate

import (
	"context"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestUpdate(t *testing.T) {
	both := []string{range4, range6}
	retype := func(to corev1.ServiceType) func(*corev1.Service) {
		return func(s *corev1.Service) {
			s.Spec.Type = to
			if to == corev1.ServiceTypeExternalName { // as the kind's rules leave it
				s.Spec.ClusterIP, s.Spec.ClusterIPs, s.Spec.IPFamilies, s.Spec.IPFamilyPolicy = "", nil, nil, nil
			}
		}
	}
	np, lb := typed(corev1.ServiceTypeNodePort), typed(corev1.ServiceTypeLoadBalancer)
	tests := []struct {
		name   string
		ranges []string
		old    *corev1.Service
		change func(*corev1.Service)
		err    string
		ips    int
		ports  []int32
		keeps  bool // the first cluster IP
	}{
		{name: "nothing", old: newService("a"), change: func(*corev1.Service) {}, ips: 1, keeps: true},
		{name: "left out", old: newService("a", np, nodePorts(30001)), change: func(s *corev1.Service) {
			s.Spec.ClusterIP, s.Spec.ClusterIPs, s.Spec.IPFamilies, s.Spec.IPFamilyPolicy = "", nil, nil, nil
			s.Spec.Ports[0].NodePort = 0
		}, ips: 1, ports: []int32{30001}, keeps: true},
		{name: "to an alias", old: newService("a", np, nodePorts(30001)), change: retype(corev1.ServiceTypeExternalName)},
		{name: "from an alias", old: newService("a", typed(corev1.ServiceTypeExternalName)), change: retype(corev1.ServiceTypeClusterIP), ips: 1},
		{name: "from an alias with a port of its own invention", old: newService("a", typed(corev1.ServiceTypeExternalName), nodePorts(30000)), change: retype(corev1.ServiceTypeNodePort),
			err: `Service "a" is invalid: spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated`},
		{name: "to node ports", old: newService("a"), change: func(s *corev1.Service) { np(s); s.Spec.Ports[0].NodePort = 30007 }, ips: 1, ports: []int32{30007}, keeps: true},
		{name: "from node ports", old: newService("a", np, nodePorts(30001)), change: func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeClusterIP; s.Spec.Ports[0].NodePort = 0 }, ips: 1, keeps: true},
		{name: "another port", old: newService("a", np, nodePorts(30001, 30002)), change: func(s *corev1.Service) { s.Spec.Ports[1].NodePort = 30003 }, ips: 1, ports: []int32{30001, 30003}, keeps: true},
		{name: "ports change places", old: newService("a", np, nodePorts(30001, 30002)), change: func(s *corev1.Service) { s.Spec.Ports[0].NodePort, s.Spec.Ports[1].NodePort = 30002, 30001 }, ips: 1, ports: []int32{30001, 30002}, keeps: true},
		{name: "a port taken", old: newService("a", np, nodePorts(30001, 30002)), change: func(s *corev1.Service) { s.Spec.Ports[0].NodePort, s.Spec.Ports[1].NodePort = 30004, 30000 },
			err: `Service "a" is invalid: spec.ports[1].nodePort: Invalid value: 30000: provided port is already allocated`},
		{name: "a port twice", old: newService("a", np, nodePorts(30001, 30002)), change: func(s *corev1.Service) { s.Spec.Ports[1].NodePort = 30001 }, err: "duplicate nodePort: {TCP 30001}"},
		{name: "balancer stops giving ports", old: newService("a", lb, nodePorts(30001)), change: func(s *corev1.Service) { withoutPorts(s); s.Spec.Ports[0].NodePort = 0 }, ips: 1, keeps: true},
		{name: "health check begins", old: newService("a", lb, nodePorts(30001)), change: func(s *corev1.Service) { local(30008)(s) }, ips: 1, ports: []int32{30001, 30008}, keeps: true},
		{name: "health check left out", old: newService("a", lb, nodePorts(30001), local(30008)), change: func(s *corev1.Service) { s.Spec.HealthCheckNodePort = 0 }, ips: 1, ports: []int32{30001, 30008}, keeps: true},
		{name: "health check ends", old: newService("a", lb, nodePorts(30001), local(30008)), change: func(s *corev1.Service) {
			s.Spec.ExternalTrafficPolicy, s.Spec.HealthCheckNodePort = corev1.ServiceExternalTrafficPolicyCluster, 0
		}, ips: 1, ports: []int32{30001}, keeps: true},
		{name: "second family", ranges: both, old: newService("a"), change: policy(require2), ips: 2, keeps: true},
		{name: "second family taken away", ranges: both, old: newService("a", policy(require2)), change: policy(corev1.IPFamilyPolicySingleStack), ips: 1, keeps: true},
		{name: "headless stays", old: newService("a", addressed("None")), change: func(s *corev1.Service) { s.Labels = map[string]string{"x": "y"} }, keeps: true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			c := newCluster()
			ranges := tc.ranges
			if ranges == nil {
				ranges = []string{range4}
			}
			s := c.server(t, ranges...)
			ctx := context.Background()
			for _, svc := range []*corev1.Service{newService("first", np, nodePorts(30000)), tc.old} {
				done, err := s.Create(ctx, svc, false)
				if err != nil {
					t.Fatal(err)
				}
				done(true)
			}
			before, addresses := c.takenPorts(t), len(c.addresses)
			svc := tc.old.DeepCopy()
			tc.change(svc)
			try := svc.DeepCopy()
			done, err := s.Update(ctx, try, tc.old, false)
			if err == nil {
				done(false)
			}
			if after := c.takenPorts(t); !slices.Equal(before, after) || len(c.addresses) != addresses {
				t.Errorf("a write that failed left ports %v of %v, %d addresses of %d", after, before, len(c.addresses), addresses)
			}
			done, err = s.Update(ctx, svc, tc.old, false)
			if got := ""; tc.err != "" || err != nil {
				if err != nil {
					got = err.Error()
				}
				if got != tc.err {
					t.Fatalf("got  %s\nwant %s", got, tc.err)
				}
				return
			}
			done(true)
			if got := len(c.addresses) - 1; got != tc.ips {
				t.Errorf("%d addresses, want %d", got, tc.ips)
			}
			if got := c.takenPorts(t)[1:]; !slices.Equal(got, tc.ports) && len(got)+len(tc.ports) > 0 {
				t.Errorf("ports %v, want %v", got, tc.ports)
			}
			if tc.keeps && svc.Spec.ClusterIP != tc.old.Spec.ClusterIP {
				t.Errorf("cluster IP %s, had %s", svc.Spec.ClusterIP, tc.old.Spec.ClusterIP)
			}
			s.Deleted(ctx, svc)
			if len(c.addresses) != 1 || len(c.takenPorts(t)) != 1 {
				t.Errorf("after the deletion: %d addresses, ports %v", len(c.addresses), c.takenPorts(t))
			}
		})
	}
}
