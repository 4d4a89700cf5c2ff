package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// Writer changes an object in the server's own name.
type Writer interface {
	Update(ctx context.Context, group, plural, subresource, namespace, name string, change func(kinds.Object) error) error
}

// settleTime lets several changes become one look at all schemas.
const settleTime = 20 * time.Millisecond

// KeepConditions writes into each flow schema whether its priority level exists (the condition Dangling), until
// the context ends. failed is told of what could not be written; it is tried again with the next change.
func (f *Fair) KeepConditions(ctx context.Context, w Writer, failed func(error)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.changed:
		}
		time.Sleep(settleTime)
		for name, want := range f.conditions() {
			err := w.Update(ctx, flowcontrolv1.GroupName, "flowschemas", "status", "", name, func(obj kinds.Object) error {
				setCondition(obj.(*flowcontrolv1.FlowSchema), want)
				return nil
			})
			if err != nil && !apierrors.IsNotFound(err) && ctx.Err() == nil {
				failed(fmt.Errorf("flow schema %s: %w", name, err))
			}
		}
	}
}

// conditions are those that are to be written, by flow schema.
func (f *Fair) conditions() map[string]flowcontrolv1.FlowSchemaCondition {
	f.mu.Lock()
	schemas, configs := maps.Clone(f.schemas), maps.Clone(f.configs)
	now := metav1.NewTime(f.Now().UTC().Truncate(time.Second))
	f.mu.Unlock()
	out := map[string]flowcontrolv1.FlowSchemaCondition{}
	for name, s := range schemas {
		level := s.Spec.PriorityLevelConfiguration.Name
		want := flowcontrolv1.FlowSchemaCondition{
			Type: flowcontrolv1.FlowSchemaConditionDangling, Status: flowcontrolv1.ConditionFalse, LastTransitionTime: now, Reason: "Found",
			Message: fmt.Sprintf("This FlowSchema references the PriorityLevelConfiguration object named %q and it exists", level),
		}
		if configs[level] == nil {
			want.Status, want.Reason = flowcontrolv1.ConditionTrue, "NotFound"
			want.Message = fmt.Sprintf("This FlowSchema references the PriorityLevelConfiguration object named %q but there is no such object", level)
		}
		i := slices.IndexFunc(s.Status.Conditions, func(c flowcontrolv1.FlowSchemaCondition) bool { return c.Type == want.Type })
		if i >= 0 {
			have := s.Status.Conditions[i]
			if have.Status == want.Status && have.Reason == want.Reason && have.Message == want.Message {
				continue
			}
			if have.Status == want.Status && !have.LastTransitionTime.IsZero() {
				want.LastTransitionTime = have.LastTransitionTime
			}
		}
		out[name] = want
	}
	return out
}

func setCondition(s *flowcontrolv1.FlowSchema, want flowcontrolv1.FlowSchemaCondition) {
	for i := range s.Status.Conditions {
		if s.Status.Conditions[i].Type == want.Type {
			s.Status.Conditions[i] = want
			return
		}
	}
	s.Status.Conditions = append(s.Status.Conditions, want)
}
