package resource

import (
	"strings"
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestResourceClaim(t *testing.T) {
	const allocated = `{devices: {results: [{request: gpu, driver: d, pool: p, device: d0}]}}`
	kindtest.Run(t, resourceClaim(), `{metadata: {name: a, namespace: ns}, spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu.example.com}}]}}}`, []kindtest.Case{{
		Name:   "one device is asked for unless the claim says how many, and its status is not the client's",
		Create: `{spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: x, tolerations: [{key: a}], derivedAttributes: [{name: a/b}]}}]}}, status: {reservedFor: [{resource: pods, name: p, uid: u}]}}`,
		Object: `{spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: x, allocationMode: ExactCount, count: 1, tolerations: [{key: a, operator: Equal}]}}]}}, status: {reservedFor: null}}`,
	}, {
		Name:   "what is declared comes after what is not",
		Create: `{spec: {devices: {requests: [{name: "", exactly: {deviceClassName: "", allocationMode: X}}]}}}`,
		Errors: []string{
			`spec.devices.requests[0].name: Invalid value: "": a lowercase RFC 1123 label…`,
			`spec.devices.requests[0].exactly.deviceClassName: Required value`,
			`spec.devices.requests[0].exactly.allocationMode: Unsupported value: "X": supported values: "All", "ExactCount"`,
		},
	}, {
		Name:   "neither one device nor alternatives",
		Create: `{spec: {devices: {requests: [{name: gpu}]}}}`,
		Errors: []string{"spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required"},
	}, {
		Name:   "constraints and configuration are about requests that are there",
		Create: `{spec: {devices: {constraints: [{requests: [gpu, gpu/x], matchAttribute: a.b/c}], config: [{requests: [none], opaque: {driver: d, parameters: [1]}}]}}}`,
		Errors: []string{
			`spec.devices.constraints[0].requests[1]: Invalid value: "gpu/x": must be the name of a request in the claim…`,
			`spec.devices.config[0].requests[0]: Invalid value: "none": must be the name of a request in the claim…`,
			`spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object`,
		},
	}, {
		Name:   "selectors must compile",
		Create: `{spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: x, selectors: [{cel: {expression: device.driver}}, {}]}}]}}}`,
		Errors: []string{
			`spec.devices.requests[0].exactly.selectors[0].cel.expression: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string`,
			`spec.devices.requests[0].exactly.selectors[1].cel: Required value`,
		},
	}, {
		Name:   "the spec does not change",
		Update: `{spec: {devices: {requests: []}}}`,
		Errors: []string{`spec: Invalid value: null: field is immutable`},
	}, {
		Name: "an update keeps the status", Update: `{status: {allocation: ` + allocated + `}}`, Object: `{status: {allocation: null}}`,
	}, {
		Name: "an allocation", Part: "status", Update: `{metadata: {labels: {a: b}}, status: {allocation: ` + allocated + `}}`,
		Object: `{metadata: {labels: null}, status: {allocation: ` + allocated + `}}`,
	}, {
		Name: "devices that are not allocated, reservations of nothing", Part: "status",
		Update: `{status: {devices: [{driver: d, pool: p, device: d0, conditions: []}], reservedFor: [{resource: pods, name: p}]}}`,
		Errors: []string{
			`status.reservedFor[0].uid: Required value`,
			`status.devices[0]: Invalid value: {"Driver":"d","Pool":"p","Device":"d0","ShareID":""}: must be an allocated device in the claim`,
			"status.reservedFor: Forbidden: may not be specified when `allocated` is not set",
		},
	}})
}

func TestResourceClaimTemplate(t *testing.T) {
	kindtest.Run(t, resourceClaimTemplate(), `{metadata: {name: a, namespace: ns}, spec: {spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: x}}]}}}}`, []kindtest.Case{{
		Name:   "claims get labels and annotations, nothing else",
		Create: `{spec: {metadata: {name: x, uid: u, labels: {a: b}}}}`,
		Errors: []string{`spec.metadata.name: Forbidden: cannot be set`, `spec.metadata.uID: Forbidden: cannot be set`},
	}, {
		Name:   "the spec does not change",
		Update: `{spec: {metadata: {labels: {x: "1"}}, spec: {devices: {requests: null}}}}`,
		Errors: []string{`spec: Invalid value: {"labels":{"x":"1"},"Spec":{"Devices":{"Requests":null,"Constraints":null,"Config":null}}}: field is immutable`},
	}})
}

func TestResourceSlice(t *testing.T) {
	many := strings.Repeat("{name: a, taints: [{key: k, effect: NoSchedule}]},", 65)
	kindtest.Run(t, resourceSlice(), `{metadata: {name: a}, spec: {driver: d.example.com, nodeName: n1, pool: {name: p, generation: 1, resourceSliceCount: 1}, devices: [{name: d0}]}}`, []kindtest.Case{{
		Name:   "taints get a time, and what is off is dropped",
		Create: `{spec: {devices: [{name: d0, taints: [{key: k, effect: NoSchedule}], attributes: {a: {int: 1, ints: [1]}}}]}}`,
		Object: `{metadata: {generation: 1}, spec: {devices: [{name: d0, taints: [{key: k, effect: NoSchedule, timeAdded: "2026-01-02T03:04:05Z"}], attributes: {a: {int: 1}}}]}}`,
	}, {
		Name:   "one way to name nodes",
		Create: `{spec: {allNodes: true}}`,
		Errors: []string{"spec: Invalid value: \"{`nodeName`, `allNodes`}\": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set"},
	}, {
		Name:   "names of attributes and what they hold",
		Create: `{spec: {devices: [{name: d0, attributes: {/x: {int: 1}, a: {}, v: {version: v1}}}]}}`,
		Errors: []string{
			`spec.devices[0].attributes: Invalid value: "": the domain must not be empty`,
			`spec.devices[0].attributes[v].version: Invalid value: "v1": must be a string compatible with semver.org spec 2.0.0`,
			"spec.devices[0].attributes[a]: Invalid value: \"\": must specify one of: `int`, `bool`, `string`, `version`, `ints`, `bools`, `strings`, `versions`",
		},
	}, {
		Name:   "capacity that requests share",
		Create: `{spec: {devices: [{name: d0, allowMultipleAllocations: true, capacity: {a: {value: 5, requestPolicy: {default: 9, validValues: [1, 1, 7]}}, b: {value: 5, requestPolicy: {default: 1, validRange: {min: 2, max: 6}}}}}, {name: d0, capacity: {a: {value: 5, requestPolicy: {default: 1}}}}]}}`,
		Errors: []string{
			`spec.devices[0].capacity[a].requestPolicy.validValues[2]: Invalid value: "7": option is larger than capacity value: 5`,
			`spec.devices[0].capacity[a].requestPolicy.validValues[1]: Duplicate value: "1"`,
			`spec.devices[0].capacity[a].requestPolicy.validValues: Invalid value: "9": default value is not valid according to the requestPolicy`,
			`spec.devices[0].capacity[b].requestPolicy.validRange.min: Invalid value: "1": default is less than min: 2`,
			`spec.devices[0].capacity[b].requestPolicy.validRange.max: Invalid value: "6": max is larger than capacity value: 5`,
			`spec.devices[1].capacity[a].requestPolicy: Forbidden: allowMultipleAllocations must be true`,
			`spec.devices[1]: Duplicate value: "d0"`,
		},
	}, {
		Name:   "fewer devices with taints fit",
		Create: `{spec: {devices: [` + many + `]}}`,
		Errors: []string{`spec.devices: Too many: 65: must have at most 64 items`},
	}, {
		Name:   "a slice stays with its driver, pool and node",
		Update: `{spec: {driver: other, nodeName: null, allNodes: true, pool: {name: other}}}`,
		Errors: []string{
			`spec.pool.name: Invalid value: "other": field is immutable`,
			`spec.driver: Invalid value: "other": field is immutable`,
			`spec.nodeName: Invalid value: null: field is immutable`,
		},
	}})
}

func TestDeviceClassAndTaintRule(t *testing.T) {
	kindtest.Run(t, deviceClass(), `{metadata: {name: a}, spec: {}}`, []kindtest.Case{{
		Name:   "the name is checked last of what is by hand",
		Create: `{metadata: {name: Bad_Name}, spec: {selectors: [{cel: {expression: "1"}}], config: [{opaque: {driver: "", parameters: {}}}]}}`,
		Errors: []string{
			`spec.selectors[0].cel.expression: Invalid value: "1": must evaluate to bool or the unknown type, not int`,
			`metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain…`,
			`spec.config[0].opaque.driver: Required value`,
		},
	}, {
		Name: "a changed spec is a new generation", Update: `{spec: {extendedResourceName: example.com/gpu}}`, Object: `{metadata: {generation: 2}}`,
	}})
	kindtest.Run(t, deviceTaintRule(), `{metadata: {name: a}, spec: {taint: {key: k, effect: NoSchedule, timeAdded: "2020-01-01T00:00:00Z"}}}`, []kindtest.Case{{
		Name: "another effect is a new taint", Update: `{spec: {taint: {effect: NoExecute}}}`,
		Object: `{metadata: {generation: 2}, spec: {taint: {timeAdded: "2026-01-02T03:04:05Z"}}}`,
	}, {
		Name: "another value is not", Update: `{spec: {taint: {value: v}}}`, Object: `{spec: {taint: {timeAdded: "2020-01-01T00:00:00Z"}}}`,
	}, {
		Name: "names of the selector and the taint", Create: `{spec: {deviceSelector: {driver: Bad_Driver, device: ""}, taint: {key: "a b"}}}`,
		Errors: []string{`spec.deviceSelector.driver: Invalid value: "Bad_Driver"…`, `spec.deviceSelector.device: Invalid value: ""…`, `spec.taint.key: Invalid value: "a b"…`},
	}})
}
