package admissionregistration

import (
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestWebhooks(t *testing.T) {
	const hook = `{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {name: s, namespace: ns}}}`
	kindtest.Run(t, mutatingWebhook(), `{metadata: {name: a}, webhooks: [`+hook+`]}`, []kindtest.Case{{
		Name: "defaults", Object: `{metadata: {generation: 1}, webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {name: s, namespace: ns, port: 443}}, failurePolicy: Fail, matchPolicy: Equivalent, namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, reinvocationPolicy: Never}]}`,
	}, {
		Name: "a name, side effects and versions", Create: `{webhooks: [{name: short, clientConfig: {url: "https://x"}}]}`,
		Errors: []string{
			`webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots`,
			`webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun`,
			`webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1`,
		},
	}, {
		Name: "conditions compile", Create: `{webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: "https://x"}, matchConditions: [{name: c, expression: "1"}]}]}`,
		Errors: []string{`webhooks[0].matchConditions[0].expression: Invalid value: "1": must evaluate to bool…`},
	}, {
		Name: "a changed webhook is a new generation", Update: `{webhooks: []}`, Object: `{metadata: {generation: 2}}`,
	}})
}

func TestValidatingPolicy(t *testing.T) {
	kindtest.Run(t, validatingPolicy(), `{metadata: {name: a}, spec: {matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}, validations: [{expression: "object.metadata.name != 'x'"}]}}`, []kindtest.Case{{
		Name: "defaults", Object: `{metadata: {generation: 1}, spec: {failurePolicy: Fail, matchConstraints: {matchPolicy: Equivalent, namespaceSelector: {}, objectSelector: {}}}}`,
	}, {
		Name: "expressions compile", Create: `{spec: {validations: [{expression: "nosuch"}, {expression: "1"}, {}]}}`,
		Errors: []string{
			`spec.validations[0].expression: Invalid value: "nosuch": compilation failed: ERROR: <input>:1:1: undeclared reference to 'nosuch'…`,
			`spec.validations[1].expression: Invalid value: "1": must evaluate to bool but got int`,
			`spec.validations[2].expression: Required value: expression is not specified`,
		},
	}, {
		Name: "something to match", Create: `{spec: {matchConstraints: null}}`, Errors: []string{`spec.matchConstraints: Required value`},
	}, {
		Name: "variables are seen by what follows", Create: `{spec: {variables: [{name: v, expression: object.metadata.name}], validations: [{expression: "variables.v == variables.m"}]}}`,
		Errors: []string{`spec.validations[0].expression: Invalid value: "variables.v == variables.m": compilation failed: ERROR: <input>:1:25: undefined field 'm'…`},
	}})
}

func TestMutatingPolicy(t *testing.T) {
	kindtest.Run(t, mutatingPolicy(), `{metadata: {name: a}, spec: {reinvocationPolicy: Never, matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}, mutations: [{patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{op: 'remove', path: '/x'}]"}}]}}`, []kindtest.Case{{
		Name: "a patch is a list of operations", Create: `{spec: {mutations: [{patchType: JSONPatch, jsonPatch: {expression: "[1]"}}]}}`,
		Errors: []string{`spec.mutations[0].jsonPatch.expression: Invalid value: "[1]": must evaluate to list(JSONPatch) but got list(int)`},
	}, {
		Name: "or an object", Create: `{spec: {mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{spec: Object.spec{x: 1}}"}}]}}`,
	}, {
		Name: "no deletes", Create: `{spec: {matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [DELETE], resources: [pods]}]}}}`,
		Errors: []string{`spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"`},
	}})
}

func TestBindings(t *testing.T) {
	kindtest.Run(t, validatingPolicyBinding(), `{metadata: {name: a}, spec: {policyName: p, validationActions: [Deny]}}`, []kindtest.Case{{
		Name: "a policy and what follows", Create: `{spec: {policyName: "", validationActions: []}}`,
		Errors: []string{`spec.policyName: Required value`, `spec.validationActions: Required value`},
	}, {
		Name: "denied is warned enough", Create: `{spec: {validationActions: [Deny, Warn]}}`,
		Errors: []string{`spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)`},
	}})
}
