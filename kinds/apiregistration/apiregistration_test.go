package apiregistration

import (
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestAPIService(t *testing.T) {
	kindtest.Run(t, apiService(), `{metadata: {name: v1.example.com}, spec: {group: example.com, version: v1, groupPriorityMinimum: 10, versionPriority: 10, insecureSkipTLSVerify: true, service: {name: s, namespace: ns}}}`, []kindtest.Case{{
		Name: "a port", Object: `{spec: {service: {port: 443}}}`,
	}, {
		Name: "the name is the version's", Create: `{metadata: {name: other}}`, Errors: []string{"metadata.name: Invalid value: \"other\": must be `spec.version+\".\"+spec.group`: \"v1.example.com\""},
	}, {
		Name: "priorities", Create: `{spec: {groupPriorityMinimum: 0, versionPriority: 1001}}`,
		Errors: []string{`spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000`, `spec.versionPriority: Invalid value: 1001: must be positive and less than 1000`},
	}})
}
