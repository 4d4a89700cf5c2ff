package scheduling

import (
	"testing"

	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestPriorityClass(t *testing.T) {
	kindtest.Run(t, priorityClass(), `{metadata: {name: a}, value: 5}`, []kindtest.Case{{
		Name: "defaults", Object: `{metadata: {generation: 1}, preemptionPolicy: PreemptLowerPriority}`,
	}, {
		Name: "high values are the system's", Create: `{value: 1000000001}`,
		Errors: []string{`value: Forbidden: maximum allowed value of a user defined priority is 1000000000`},
	}, {
		Name: "so are the names", Create: `{metadata: {name: system-x}}`,
		Errors: []string{`metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class`},
	}, {
		Name: "a value stays", Update: `{value: 6}`, Errors: []string{`value: Forbidden: may not be changed in an update.`},
	}})
}
