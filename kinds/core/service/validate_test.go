package service

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestValidate(t *testing.T) {
	for _, test := range []struct{ about, spec, want string }{
		{"ports one by one, then together", `{ports: [{port: 0, protocol: X, targetPort: 0}, {name: x, port: 1}, {name: x, port: 1, nodePort: 5}]}`,
			"spec.ports[0].name: Required value\n" +
				"spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n" +
				"spec.ports[0].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", \"UDP\"\n" +
				"spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive\n" +
				"spec.ports[2].name: Duplicate value: \"x\"\n" +
				"spec.ports[2].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'\n" +
				`spec.ports[2]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,"TargetPort":0,"NodePort":0}`},
		{"nothing at all", `{}`, "spec.ports: Required value"},
		{"headless may have no ports", `{clusterIP: None, clusterIPs: [None]}`, ""},
		{"but not be a node port", `{type: NodePort, clusterIP: None, clusterIPs: [None], ports: [{port: 80}]}`,
			`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`},
		{"an alias", `{type: ExternalName, externalName: Not A Name, clusterIPs: [10.0.0.1]}`,
			"spec.clusterIPs: Forbidden: may not be set for ExternalName services\n" +
				`spec.externalName: Invalid value: "Not A Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`},
		{"with a dot at the end", `{type: ExternalName, externalName: a.example.com.}`, ""},
		{"external addresses", `{ports: [{port: 80}], externalIPs: [127.0.0.1, 01.2.3.4]}`,
			"spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)\n" +
				`spec.externalIPs[1]: Invalid value: "01.2.3.4": must not have leading 0s`},
		{"ranges may have spaces around them", `{type: LoadBalancer, ports: [{port: 80}], loadBalancerSourceRanges: [" 10.0.0.0/8 ", 10.0.0.1/8]}`,
			`spec.LoadBalancerSourceRanges[1]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`},
		{"the kubelet's port", `{type: LoadBalancer, ports: [{port: 10250}]}`,
			"spec.ports[0]: Invalid value: 10250: may not expose port 10250 externally since it is used by kubelet"},
		{"policies that mean nothing here", `{ports: [{port: 80}], externalTrafficPolicy: Local, healthCheckNodePort: 30000, loadBalancerClass: a}`,
			"spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'\n" +
				"spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services\n" +
				"spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"},
		{"distribution", `{ports: [{port: 80}], trafficDistribution: Odd}`,
			`spec.trafficDistribution: Unsupported value: "Odd": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"`},
		{"affinity", `{ports: [{port: 80}], sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}}`,
			"spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400"},
		{"three addresses", `{ports: [{port: 80}], clusterIPs: [10.0.0.1, 10.0.0.2, 10.0.0.3]}`,
			"spec.clusterIPs: Invalid value: [\"10.0.0.1\",\"10.0.0.2\",\"10.0.0.3\"]: must be empty when `clusterIP` is not specified\n" +
				"spec.clusterIPs: Invalid value: [\"10.0.0.1\",\"10.0.0.2\",\"10.0.0.3\"]: may only hold up to 2 values\n" +
				`spec.clusterIPs: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3"]: may specify no more than one IP for each IP family`},
	} {
		if got := texts(validate(read(t, test.spec), nil)); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.about, got, test.want)
		}
	}
}

func TestValidateUpdate(t *testing.T) {
	const one = `clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80}]`
	for _, test := range []struct{ about, old, spec, want string }{
		{"the address stays", `{` + one + `}`, `{clusterIP: 10.0.0.2, clusterIPs: [10.0.0.2], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}`,
			`spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set`},
		{"unless the service becomes an alias", `{` + one + `}`, `{type: ExternalName, externalName: a}`, ""},
		{"the class of a load balancer stays", `{type: LoadBalancer, loadBalancerClass: a/b, ` + one + `}`, `{type: LoadBalancer, ` + one + `}`,
			`spec.loadBalancerClass: Invalid value: null: may not change once set`},
		{"so does its health check port", `{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30001, ` + one + `}`,
			`{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30002, ` + one + `}`,
			"spec.healthCheckNodePort: Forbidden: field is immutable"},
		{"addresses that were valid once stay valid", `{externalIPs: [01.2.3.4], ` + one + `}`, `{externalIPs: [01.2.3.4], ` + one + `}`, ""},
	} {
		if got := texts(validateUpdate(read(t, test.spec), read(t, test.old))); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.about, got, test.want)
		}
	}
}

func TestStatus(t *testing.T) {
	s := read(t, `{type: LoadBalancer}`)
	s.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "1.2.3.4"}, {Hostname: "1.2.3.4"}}
	setDefaults(s)
	if m := s.Status.LoadBalancer.Ingress[0].IPMode; m == nil || *m != corev1.LoadBalancerIPModeVIP {
		t.Errorf("mode %v", m)
	}
	if got := texts(validateStatus(s, &corev1.Service{})); got != `status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": must be a DNS name, not an IP address` {
		t.Error(got)
	}
	s.Spec.Type = corev1.ServiceTypeClusterIP
	if got := texts(validateStatus(s, &corev1.Service{})); got != "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'" {
		t.Error(got)
	}
}

func TestWarnings(t *testing.T) {
	for spec, want := range map[string]string{
		`{ports: [{port: 80}], externalIPs: ["2001:DB8:0::1"]}`: `spec.externalIPs[0]: IPv6 address "2001:DB8:0::1" should be in RFC 5952 canonical format ("2001:db8::1")` +
			"\nspec.externalIPs is deprecated and may no longer be implemented in some clusters",
		`{clusterIP: None, sessionAffinity: ClientIP, loadBalancerIP: x}`: "spec.loadBalancerIP is ignored for headless services\nspec.SessionAffinity is ignored for headless services",
		`{ports: [{port: 80}], externalName: a}`:                          `spec.externalName is ignored when spec.type is not "ExternalName"`,
		`{type: LoadBalancer, loadBalancerIP: nonsense}`:                  "",
		`{trafficDistribution: PreferClose}`:                              `spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"`,
	} {
		if got := strings.Join(warn(read(t, spec), nil), "\n"); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", spec, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	s := read(t, `{type: LoadBalancer, clusterIPs: [10.0.0.1], externalIPs: [5.6.7.8], ports: [{port: 80, nodePort: 30001}, {port: 53, protocol: UDP}], selector: {a: b}}`)
	s.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "9.9.9.9"}, {Hostname: "a.example.com"}, {IP: "1.1.1.1"}}
	want := []any{"a", "LoadBalancer", "10.0.0.1", "1.1.1.1,9.9.9.9,a.example.com,5.6.7.8", "80:30001/TCP,53/UDP", "<unknown>", "a=b"}
	for i, cell := range table().Cells(s, time.Now()) {
		if cell != want[i] {
			t.Errorf("cell %d: %v, want %v", i, cell, want[i])
		}
	}
	if got := externalIP(read(t, `{type: LoadBalancer}`)); got != "<pending>" {
		t.Errorf("without addresses: %s", got)
	}
}
