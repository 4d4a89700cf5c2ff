package service

import (
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

// read makes a defaulted service of the YAML of its spec.
func read(t *testing.T, spec string) *corev1.Service {
	t.Helper()
	s := &corev1.Service{}
	s.Name = "a"
	if err := yaml.UnmarshalStrict([]byte(spec), &s.Spec); err != nil {
		t.Fatalf("%s: %v", spec, err)
	}
	setDefaults(s)
	return s
}

func texts(errs field.ErrorList) string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return strings.Join(out, "\n")
}

// shown is a spec as compact YAML flow, of the named fields only.
func shown(t *testing.T, s *corev1.Service, fields ...string) string {
	t.Helper()
	js, err := yaml.Marshal(s.Spec)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := yaml.Unmarshal(js, &all); err != nil {
		t.Fatal(err)
	}
	picked := map[string]any{}
	for _, f := range fields {
		if v, ok := all[f]; ok {
			picked[f] = v
		}
	}
	out, err := yaml.Marshal(picked)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestResending sends the first manifest again, as kubectl replace does: what was given out stays.
func TestResending(t *testing.T) {
	for _, test := range []struct{ about, old, sent, want string }{
		{"addresses and ports by name",
			`{type: NodePort, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ports: [{name: v, port: 80, nodePort: 30001}, {name: w, port: 81, nodePort: 30002}]}`,
			`{type: NodePort, ports: [{name: w, port: 81}, {name: new, port: 82}, {name: v, port: 80}]}`,
			"clusterIP: 10.0.0.1 clusterIPs: 10.0.0.1 ports: 30002 0 30001"},
		{"a port the client has moved is not given to another",
			`{type: NodePort, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ports: [{name: v, port: 80, nodePort: 30001}]}`,
			`{type: NodePort, ports: [{name: v, port: 80}, {name: w, port: 81, nodePort: 30001}]}`,
			"clusterIP: 10.0.0.1 clusterIPs: 10.0.0.1 ports: 0 30001"},
		{"a load balancer that does without node ports gets none back",
			`{type: LoadBalancer, allocateLoadBalancerNodePorts: false, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ports: [{port: 80, nodePort: 30001}]}`,
			`{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}`,
			"clusterIP: 10.0.0.1 clusterIPs: 10.0.0.1 ports: 0"},
		{"who changes clusterIP alone changes the list",
			`{clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ports: [{port: 80}]}`, `{clusterIP: 10.0.0.2, ports: [{port: 80}]}`,
			"clusterIP: 10.0.0.2 clusterIPs: 10.0.0.2 ports: 0"},
		{"an alias has no address to keep",
			`{clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ports: [{port: 80}]}`, `{type: ExternalName, externalName: x}`,
			"clusterIP:  clusterIPs:  ports:"},
	} {
		s, old := read(t, test.sent), read(t, test.old)
		Restore(s, old)
		var ports []string
		for _, p := range s.Spec.Ports {
			ports = append(ports, strconv.Itoa(int(p.NodePort)))
		}
		got := strings.TrimSpace("clusterIP: " + s.Spec.ClusterIP + " clusterIPs: " + strings.Join(s.Spec.ClusterIPs, ",") + " ports: " + strings.Join(ports, " "))
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.about, got, test.want)
		}
	}
}

func TestFamilies(t *testing.T) {
	single, dual := Families{corev1.IPv4Protocol}, Families{corev1.IPv6Protocol, corev1.IPv4Protocol}
	for _, test := range []struct {
		about    string
		families Families
		old      string
		sent     string
		want     string // the two fields, or errors
	}{
		{"the least", single, "", `{}`, "ipFamilies:\n- IPv4\nipFamilyPolicy: SingleStack"},
		{"on a cluster with both it is one still", dual, "", `{}`, "ipFamilies:\n- IPv6\nipFamilyPolicy: SingleStack"},
		{"both, if there are", dual, "", `{ipFamilyPolicy: PreferDualStack}`, "ipFamilies:\n- IPv6\n- IPv4\nipFamilyPolicy: PreferDualStack"},
		{"both, and there are not", single, "", `{ipFamilyPolicy: PreferDualStack}`, "ipFamilies:\n- IPv4\nipFamilyPolicy: PreferDualStack"},
		{"both required", single, "", `{ipFamilyPolicy: RequireDualStack}`,
			`spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services`},
		{"headless without a selector has both anywhere", single, "", `{clusterIP: None, clusterIPs: [None]}`,
			"ipFamilies:\n- IPv4\n- IPv6\nipFamilyPolicy: RequireDualStack"},
		{"the address says which", dual, "", `{clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]}`, "ipFamilies:\n- IPv4\nipFamilyPolicy: SingleStack"},
		{"an address of a family there is not", single, "", `{clusterIP: "fd00::1", clusterIPs: ["fd00::1"]}`,
			`spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster`},
		{"two families need a policy", single, "", `{ipFamilies: [IPv4, IPv6]}`,
			`spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`},
		{"an update keeps the policy", single, `{ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4], clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]}`,
			`{clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1]}`, "ipFamilies:\n- IPv4\nipFamilyPolicy: PreferDualStack"},
		{"one of two is given back by the policy alone", dual,
			`{ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6, IPv4], clusterIP: "fd00::1", clusterIPs: ["fd00::1", 10.0.0.1]}`,
			`{ipFamilyPolicy: SingleStack, ipFamilies: [IPv6, IPv4], clusterIP: "fd00::1", clusterIPs: ["fd00::1", 10.0.0.1]}`,
			"clusterIPs:\n- fd00::1\nipFamilies:\n- IPv6\nipFamilyPolicy: SingleStack"},
		{"and not by leaving it out", dual,
			`{ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6, IPv4], clusterIP: "fd00::1", clusterIPs: ["fd00::1", 10.0.0.1]}`,
			`{ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6], clusterIP: "fd00::1", clusterIPs: ["fd00::1"]}`,
			"spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": must be 'SingleStack' to release the secondary cluster IP\n" +
				`spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be 'SingleStack' to release the secondary IP family`},
		{"aliases have none", single, "", `{type: ExternalName, externalName: x}`, "{}"},
	} {
		s := read(t, test.sent)
		var old *corev1.Service
		if test.old != "" {
			old = read(t, test.old)
		}
		got := texts(test.families.Init(s, old))
		if got == "" {
			fields := []string{"ipFamilies", "ipFamilyPolicy"}
			if strings.HasPrefix(test.want, "clusterIPs") {
				fields = append(fields, "clusterIPs")
			}
			got = shown(t, s, fields...)
		}
		if got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.about, got, test.want)
		}
	}
}

func TestTypeChangeDropsWhatTheServerFilledIn(t *testing.T) {
	old := read(t, `{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30009, loadBalancerClass: example.com/a,
		clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80, nodePort: 30001}]}`)
	prepare := Resource().Rules.PrepareUpdate

	s := old.DeepCopy()
	s.Spec.Type = corev1.ServiceTypeClusterIP
	prepare(kinds.Input{}, s, old)
	want := "clusterIP: 10.0.0.1\ninternalTrafficPolicy: Cluster"
	if got := shown(t, s, "clusterIP", "internalTrafficPolicy", "externalTrafficPolicy", "healthCheckNodePort", "loadBalancerClass", "allocateLoadBalancerNodePorts"); got != want {
		t.Errorf("to ClusterIP:\n%s\nwant\n%s", got, want)
	}
	if s.Spec.Ports[0].NodePort != 0 {
		t.Error("to ClusterIP: the node port stays")
	}

	s = old.DeepCopy()
	s.Spec.Type, s.Spec.ExternalName = corev1.ServiceTypeExternalName, "x"
	prepare(kinds.Input{}, s, old)
	if got := shown(t, s, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"); got != "{}" {
		t.Errorf("to ExternalName: %s", got)
	}

	// What the client has set itself is not dropped, and so refused.
	s = old.DeepCopy()
	s.Spec.Type, s.Spec.ClusterIP, s.Spec.ClusterIPs = corev1.ServiceTypeExternalName, "10.0.0.2", []string{"10.0.0.2"}
	prepare(kinds.Input{}, s, old)
	if s.Spec.ClusterIP != "10.0.0.2" {
		t.Error("a changed address was dropped")
	}
}
