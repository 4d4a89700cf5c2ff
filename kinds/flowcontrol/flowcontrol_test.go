package flowcontrol

import (
	"testing"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/kindtest"
)

func TestFlowSchema(t *testing.T) {
	kindtest.Run(t, flowSchema(), `{metadata: {name: a}, spec: {priorityLevelConfiguration: {name: p}}}`, []kindtest.Case{{
		Name: "the precedence of most", Object: `{metadata: {generation: 1}, spec: {matchingPrecedence: 1000}}`,
	}, {
		Name: "a level and a precedence", Create: `{spec: {priorityLevelConfiguration: {name: ""}, matchingPrecedence: 10001}}`,
		Errors: []string{`spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000`, `spec.priorityLevelConfiguration.name: Required value: must reference a priority level`},
	}, {
		Name: "one is for the exempt", Create: `{spec: {matchingPrecedence: 1}}`,
		Errors: []string{`spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1`},
	}})
}

func TestPriorityLevel(t *testing.T) {
	kindtest.Run(t, priorityLevel(), `{metadata: {name: a}, spec: {type: Limited, limited: {limitResponse: {type: Queue, queuing: {}}}}}`, []kindtest.Case{{
		Name: "defaults", Object: `{spec: {limited: {nominalConcurrencyShares: 30, lendablePercent: 0, limitResponse: {queuing: {queues: 64, handSize: 8, queueLengthLimit: 50}}}}}`,
	}, {
		Name: "limits are of the limited", Create: `{spec: {type: Exempt}}`,
		Errors: []string{"spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'", `spec.limited: Forbidden`},
	}, {
		Name: "queues need numbers", Create: `{spec: {limited: {limitResponse: {queuing: null}}}}`,
		Errors: []string{`spec.limited.limitResponse.queuing: Required value`},
	}})
}

func TestFlowSchemasAreInOrder(t *testing.T) {
	schema := func(name string, precedence int32) kinds.Object {
		s := &flowcontrolv1.FlowSchema{ObjectMeta: metav1.ObjectMeta{Name: name}}
		s.Spec.MatchingPrecedence = precedence
		return s
	}
	objs := []kinds.Object{schema("a", 5), schema("c", 1), schema("b", 1)}
	rows := flowSchema().Table.Together(objs, kindtest.Now)
	for i, want := range []string{"b", "c", "a"} {
		if rows[i][0] != want || objs[i].GetName() != want {
			t.Errorf("%v of %s, want %s", rows[i][0], objs[i].GetName(), want)
		}
	}
}
