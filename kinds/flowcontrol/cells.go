package flowcontrol

import (
	"cmp"
	"slices"
	"time"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

const none = "<none>"

func flowSchemaCells(obj *flowcontrolv1.FlowSchema, now time.Time) []any {
	method := none
	if obj.Spec.DistinguisherMethod != nil {
		method = string(obj.Spec.DistinguisherMethod.Type)
	}
	missing := "?"
	for _, c := range obj.Status.Conditions {
		if c.Type == flowcontrolv1.FlowSchemaConditionDangling {
			missing = string(c.Status)
		}
	}
	return []any{
		obj.Name, obj.Spec.PriorityLevelConfiguration.Name, int64(obj.Spec.MatchingPrecedence), method,
		cells.Age(obj.CreationTimestamp, now), missing,
	}
}

// flowSchemaRows puts schemas in the order in which a request is held against them.
func flowSchemaRows(objs []kinds.Object, now time.Time) [][]any {
	slices.SortFunc(objs, func(x, y kinds.Object) int {
		a, b := x.(*flowcontrolv1.FlowSchema), y.(*flowcontrolv1.FlowSchema)
		return cmp.Or(cmp.Compare(a.Spec.MatchingPrecedence, b.Spec.MatchingPrecedence), cmp.Compare(a.Name, b.Name))
	})
	rows := make([][]any, len(objs))
	for i, o := range objs {
		rows[i] = flowSchemaCells(o.(*flowcontrolv1.FlowSchema), now)
	}
	return rows
}

func priorityLevelCells(obj *flowcontrolv1.PriorityLevelConfiguration, now time.Time) []any {
	var shares, queues, hand, length any = none, none, none, none
	if l := obj.Spec.Limited; l != nil {
		if l.NominalConcurrencyShares != nil {
			shares = int64(*l.NominalConcurrencyShares)
		}
		if q := l.LimitResponse.Queuing; q != nil {
			queues, hand, length = int64(q.Queues), int64(q.HandSize), int64(q.QueueLengthLimit)
		}
	}
	return []any{obj.Name, string(obj.Spec.Type), shares, queues, hand, length, cells.Age(obj.CreationTimestamp, now)}
}
