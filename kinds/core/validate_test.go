package core

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

func TestValidate(t *testing.T) {
	for _, test := range []struct{ about, plural, object, want string }{
		{"a TLS secret needs both keys", "secrets", `{type: kubernetes.io/tls}`,
			"data[tls.crt]: Required value\ndata[tls.key]: Required value"},
		{"one of the two will do for basic auth", "secrets", `{type: kubernetes.io/basic-auth, stringData: {username: u}}`, ""},
		{"what is in a secret is not shown", "secrets", `{type: kubernetes.io/dockercfg, stringData: {.dockercfg: "{"}}`,
			`data[.dockercfg]: Invalid value: "<secret contents redacted>": unexpected end of JSON input`},
		{"other types may hold anything", "secrets", `{type: anything at all}`, ""},

		{"a finalizer of a namespace", "namespaces", `{metadata: {name: a}, spec: {finalizers: [mine, kubernetes]}}`,
			`spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified`},

		{"one taint twice", "nodes", `{spec: {taints: [{key: a, effect: NoSchedule}, {key: a, value: "2", effect: NoSchedule}]}}`,
			`metadata.taints[1]: Duplicate value: {"Key":"a","Value":"2","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair`},
		{"no effect, and one there is not", "nodes", `{spec: {taints: [{key: a}, {key: b, effect: X}]}}`,
			"metadata.taints[0].effect: Required value\n" +
				`metadata.taints[1].effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"`},
		{"amounts", "nodes", `{status: {capacity: {cpu: "-1", pods: 1500m}, allocatable: {}}}`,
			"status.capacity.cpu: Invalid value: \"-1\": must be greater than or equal to 0\n" +
				`status.capacity.pods: Invalid value: "1500m": must be an integer`},
		{"two addresses of one family", "nodes", `{spec: {podCIDRs: [10.0.0.0/24, 10.0.1.0/24]}}`,
			`spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family`},

		{"a default below the minimum", "limitranges", `{spec: {limits: [{type: Container, max: {cpu: "1"}, min: {cpu: 200m}, default: {cpu: 100m}}]}}`,
			"spec.limits[0].defaultRequest[cpu]: Invalid value: \"100m\": min value 200m is greater than default request value 100m\n" +
				`spec.limits[0].default[cpu]: Invalid value: "200m": min value 200m is greater than default value 100m`},
		{"a ratio that cannot be", "limitranges", `{spec: {limits: [{type: Container, max: {cpu: "1"}, min: {cpu: 500m}, maxLimitRequestRatio: {cpu: "9"}}]}}`,
			`spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "9": ratio 9 is greater than max/min = 2.000000`},
		{"pods have no defaults", "limitranges", `{spec: {limits: [{type: Pod, default: {cpu: "1"}}]}}`,
			"spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"},

		{"scopes no pod is in", "resourcequotas", `{spec: {hard: {pods: "2"}, scopes: [Terminating, NotTerminating]}}`,
			`spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes`},
		{"a scope of pods on services", "resourcequotas", `{spec: {hard: {services: "1", pods: "1"}, scopes: [Terminating]}}`,
			`spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource`},
		{"a name without a domain", "resourcequotas", `{spec: {hard: {odd: "1"}}}`,
			"spec.hard[odd]: Invalid value: \"odd\": must be a standard resource type or fully qualified\n" +
				`spec.hard[odd]: Invalid value: "odd": must be a standard resource for quota`},

		{"a bad address is bad twice", "endpoints", `{subsets: [{addresses: [{ip: x}], ports: [{port: 0}]}, {}]}`,
			"subsets[0].addresses[0].ip: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)\n" +
				"subsets[0].addresses[0].ip: Invalid value: \"x\": must be a valid IP address\n" +
				"subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n" +
				"subsets[1]: Required value: must specify `addresses` or `notReadyAddresses`"},
	} {
		r := resourceNamed(t, test.plural)
		if got := texts(r.Rules.Validate(kinds.Input{}, read(t, r, test.object))); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.about, got, test.want)
		}
	}
}

func TestValidateUpdate(t *testing.T) {
	for _, test := range []struct{ about, plural, old, object, want string }{
		{"an immutable secret", "secrets", `{data: {k: dg==}, immutable: true}`, `{data: {k: dw==}, type: other}`,
			"type: Invalid value: \"other\": field is immutable\n" +
				"immutable: Forbidden: field is immutable when `immutable` is set\n" +
				"data: Forbidden: field is immutable when `immutable` is set"},
		{"a node keeps its addresses", "nodes", `{spec: {podCIDR: 10.0.0.0/24, providerID: a}}`, `{spec: {podCIDR: 10.0.1.0/24}}`,
			"spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid\n" +
				"spec.providerID: Invalid value: null: field cannot be cleared once set"},
		{"which it may get once", "nodes", `{}`, `{spec: {podCIDR: 10.0.1.0/24, providerID: b}}`, ""},
		{"scopes stay", "resourcequotas", `{spec: {scopes: [Terminating]}}`, `{}`,
			"spec.scopes: Invalid value: null: field is immutable"},
		{"endpoints that were valid once stay", "endpoints", `{subsets: [{}]}`, `{subsets: [{}]}`, ""},
	} {
		r := resourceNamed(t, test.plural)
		got := texts(r.Rules.ValidateUpdate(kinds.Input{}, read(t, r, test.object), read(t, r, test.old)))
		if got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.about, got, test.want)
		}
	}
}

func TestEventsAreStrictInTheNewAPIOnly(t *testing.T) {
	r := resourceNamed(t, "events")
	old, now := kinds.Input{}, kinds.Input{Version: schema.GroupVersion{Group: "events.k8s.io", Version: "v1"}}
	e := read(t, r, `{metadata: {namespace: a, name: Bad Name}, involvedObject: {namespace: a}, type: Odd, count: -1}`)
	if got := texts(r.Rules.Validate(old, e)); got != "" {
		t.Errorf("core: %s", got)
	}
	want := `eventTime: Required value
type: Invalid value: "": has invalid value: Odd
count: Invalid value: "": needs to be unset`
	if got := texts(r.Rules.Validate(now, e)); got != want {
		t.Errorf("events.k8s.io:\n%s\nwant\n%s", got, want)
	}
	changed := read(t, r, `{metadata: {namespace: a, name: Bad Name}, involvedObject: {namespace: a}, type: Odd, count: -1, reason: x}`)
	if got := texts(r.Rules.ValidateUpdate(old, changed, e)); got != "" {
		t.Errorf("core update: %s", got)
	}
	if got := texts(r.Rules.ValidateUpdate(now, changed, e)); got != `reason: Invalid value: "x": field is immutable` {
		t.Errorf("events.k8s.io update: %s", got)
	}
	// Objects without a namespace have their events in default.
	node := read(t, r, `{metadata: {namespace: kube-system}, involvedObject: {kind: Node}}`)
	if got := texts(r.Rules.Validate(old, node)); got != `involvedObject.namespace: Invalid value: "": does not match event.namespace` {
		t.Errorf("event of a node: %s", got)
	}
}
