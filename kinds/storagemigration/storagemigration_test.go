package storagemigration

import (
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestStorageVersionMigration(t *testing.T) {
	kindtest.Run(t, storageVersionMigration(), `{metadata: {name: a}, spec: {resource: {group: apps, resource: deployments}}}`, []kindtest.Case{{
		Name: "a resource is needed", Create: `{spec: {resource: {resource: ""}}}`, Errors: []string{`spec.resource.resource: Required value: resource is required to be set`},
	}, {
		Name: "and stays", Update: `{spec: {resource: {resource: replicasets}}}`, Errors: []string{`spec: Invalid value: …`},
	}, {
		Name: "a migration does not both succeed and fail", Part: "status",
		Update: `{status: {resourceVersion: "5", conditions: [{type: Succeeded, status: "True", reason: R, lastTransitionTime: "2026-01-01T00:00:00Z", message: ""}, {type: Failed, status: "True", reason: R, lastTransitionTime: "2026-01-01T00:00:00Z", message: ""}]}}`,
		Errors: []string{`status.conditions: …`},
	}})
}
