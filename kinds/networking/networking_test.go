package networking

import (
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestIngress(t *testing.T) {
	kindtest.Run(t, ingress(), `{metadata: {name: a, namespace: ns}, spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}`, []kindtest.Case{{
		Name:   "a new one has no status and the first generation",
		Create: `{status: {loadBalancer: {ingress: [{ip: 1.2.3.4}]}}}`,
		Object: `{metadata: {generation: 1}, status: {loadBalancer: {ingress: null}}}`,
	}, {
		Name:   "something to serve",
		Create: `{spec: {defaultBackend: null}}`,
		Errors: []string{"spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"},
	}, {
		Name:   "a path type is needed, and hosts are names",
		Create: `{spec: {rules: [{host: Bad_Host, http: {paths: [{path: x, backend: {service: {name: s, port: {number: 80}}}}]}}]}}`,
		Errors: []string{`spec.rules[0].host: Invalid value: "Bad_Host": a lowercase RFC 1123 subdomain…`, `spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified`},
	}, {
		Name:   "addresses of the status",
		Part:   "status",
		Update: `{status: {loadBalancer: {ingress: [{ip: nope}]}}}`,
		Errors: []string{`status.loadBalancer.ingress[0].ip: Invalid value: "nope": must be a valid IP address…`},
	}, {
		Name: "a changed spec is a new generation", Update: `{spec: {ingressClassName: c}}`, Object: `{metadata: {generation: 2}}`,
	}})
}

func TestNetworkPolicy(t *testing.T) {
	kindtest.Run(t, networkPolicy(), `{metadata: {name: a, namespace: ns}, spec: {podSelector: {}}}`, []kindtest.Case{{
		Name: "ingress, and egress where there are rules for it", Create: `{spec: {egress: [{ports: [{port: 53}]}]}}`,
		Object: `{spec: {policyTypes: [Ingress, Egress], egress: [{ports: [{port: 53, protocol: TCP}]}]}}`,
	}, {
		Name:   "one thing a peer is",
		Create: `{spec: {ingress: [{from: [{}, {podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}}`,
		Errors: []string{`spec.ingress[0].from[0]: Required value: must specify a peer`, `spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer`},
	}})
}

func TestAddresses(t *testing.T) {
	kindtest.Run(t, ipAddress(), `{metadata: {name: 10.0.0.1}, spec: {parentRef: {resource: services, name: s, namespace: ns}}}`, []kindtest.Case{{
		Name: "an owner is needed", Create: `{spec: null}`, Errors: []string{`spec.parentRef: Required value`},
	}, {
		Name: "and stays", Update: `{spec: {parentRef: {name: other}}}`, Errors: []string{`spec.parentRef: Invalid value: null: field is immutable`},
	}})
	kindtest.Run(t, serviceCIDR(), `{metadata: {name: a}, spec: {cidrs: [10.0.0.0/24]}}`, []kindtest.Case{{
		Name: "of each family one", Create: `{spec: {cidrs: [10.0.0.0/24, 10.1.0.0/24]}}`,
		Errors: []string{`spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64`},
	}})
	if name := ipAddress().GenerateName("10.0.0."); name != "10.0.0." {
		t.Errorf("an address has something added: %s", name)
	}
}
