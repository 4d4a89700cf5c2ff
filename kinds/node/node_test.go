package node

import (
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestRuntimeClass(t *testing.T) {
	kindtest.Run(t, runtimeClass(), `{metadata: {name: a}, handler: h}`, []kindtest.Case{{
		Name: "a handler is a label", Create: `{handler: Bad_Handler}`, Errors: []string{`handler: Invalid value: "Bad_Handler": a lowercase RFC 1123 label…`},
	}, {
		Name: "and stays", Update: `{handler: other}`, Errors: []string{`handler: Invalid value: null: field is immutable`},
	}, {
		Name:   "overhead counts",
		Create: `{overhead: {podFixed: {cpu: -1}}}`, Errors: []string{`overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0`},
	}, {
		Name:     "labels that go",
		Create:   `{scheduling: {nodeSelector: {beta.kubernetes.io/os: linux}}}`,
		Warnings: []string{`scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead`},
	}})
}
