package rbac

import (
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestRules(t *testing.T) {
	kindtest.Run(t, role(), `{metadata: {name: a, namespace: ns}, rules: []}`, []kindtest.Case{{
		Name: "verbs and resources", Create: `{rules: [{}, {verbs: [get], apiGroups: [""], nonResourceURLs: [/x], resources: [pods]}]}`,
		Errors: []string{
			`rules[0].apiGroups: Required value: resource rules must supply at least one api group`,
			`rules[0].resources: Required value: resource rules must supply at least one resource`,
			`rules[1].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs`,
			`rules[1].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs`,
			`rules[0].verbs: Required value`,
		},
	}})
	kindtest.Run(t, clusterRole(), `{metadata: {name: a}}`, []kindtest.Case{{
		Name: "paths of the cluster", Create: `{rules: [{verbs: [get], nonResourceURLs: [/x, /y*z]}]}`,
	}, {
		Name: "an aggregation of something", Create: `{aggregationRule: {}}`,
		Errors: []string{`aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil`},
	}})
}

func TestBindings(t *testing.T) {
	kindtest.Run(t, roleBinding(), `{metadata: {name: a, namespace: ns}, roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}]}`, []kindtest.Case{{
		Name: "groups of the API", Object: `{roleRef: {apiGroup: rbac.authorization.k8s.io}, subjects: [{kind: User, name: u, apiGroup: rbac.authorization.k8s.io}]}`,
	}, {
		Name: "what is bound stays", Update: `{roleRef: {name: other}}`,
		Errors: []string{`roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: field is immutable`},
	}, {
		Name: "kinds of roles", Create: `{roleRef: {kind: Other}}`, Errors: []string{`roleRef.kind: Unsupported value: "Other": supported values: "Role", "ClusterRole"`},
	}})
	kindtest.Run(t, clusterRoleBinding(), `{metadata: {name: a}, roleRef: {kind: ClusterRole, name: r}, subjects: [{kind: ServiceAccount, name: s}]}`, []kindtest.Case{{
		Name: "an account has a namespace", Errors: []string{`subjects[0].namespace: Required value`},
	}})
}
