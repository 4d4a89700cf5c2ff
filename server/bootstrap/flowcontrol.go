package bootstrap

import (
	"context"
	"fmt"
	"slices"
	"time"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

const flowGroup = flowcontrolv1.GroupName

// mandatory are the names that are kept as they are made, whatever their annotation says.
var mandatory = []string{"exempt", "catch-all"}

func autoUpdated(name, value string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Annotations: map[string]string{flowcontrolv1.AutoUpdateAnnotationKey: value}}
}

func follows(obj kinds.Object) bool {
	return obj.GetAnnotations()[flowcontrolv1.AutoUpdateAnnotationKey] == "true" || slices.Contains(mandatory, obj.GetName())
}

// flowControl makes priority levels and flow schemas, and keeps the specs of those that follow the server.
func flowControl(all *objects, now func() time.Time) (tasks []task) {
	for _, l := range all.PriorityLevels {
		want := &flowcontrolv1.PriorityLevelConfiguration{ObjectMeta: autoUpdated(l.Name, l.AutoUpdate), Spec: l.Spec}
		tasks = append(tasks, ensure(flowGroup, "prioritylevelconfigurations", want, func(obj kinds.Object) bool {
			have := obj.(*flowcontrolv1.PriorityLevelConfiguration)
			if !follows(have) || equality.Semantic.DeepEqual(have.Spec, want.Spec) {
				return false
			}
			have.Spec = *want.Spec.DeepCopy()
			return true
		}))
	}
	for _, s := range all.FlowSchemas {
		want := &flowcontrolv1.FlowSchema{ObjectMeta: autoUpdated(s.Name, s.AutoUpdate), Spec: s.Spec}
		made := ensure(flowGroup, "flowschemas", want, func(obj kinds.Object) bool {
			have := obj.(*flowcontrolv1.FlowSchema)
			if !follows(have) || equality.Semantic.DeepEqual(have.Spec, want.Spec) {
				return false
			}
			have.Spec = *want.Spec.DeepCopy()
			return true
		})
		tasks = append(tasks, func(ctx context.Context, o Objects) error {
			if err := made(ctx, o); err != nil {
				return err
			}
			return notDangling(ctx, o, want.Name, now())
		})
	}
	return tasks
}

// notDangling says of a flow schema that its priority level is there.
func notDangling(ctx context.Context, o Objects, name string, now time.Time) error {
	obj, err := o.Get(ctx, flowGroup, "flowschemas", "", name)
	if err != nil || len(obj.(*flowcontrolv1.FlowSchema).Status.Conditions) > 0 {
		return err
	}
	at := metav1.NewTime(now.UTC().Truncate(time.Second))
	_, err = o.Set(ctx, flowGroup, "flowschemas", "", name, func(obj kinds.Object) error {
		s := obj.(*flowcontrolv1.FlowSchema)
		s.Status.Conditions = []flowcontrolv1.FlowSchemaCondition{{
			Type: flowcontrolv1.FlowSchemaConditionDangling, Status: flowcontrolv1.ConditionFalse, LastTransitionTime: at, Reason: "Found",
			Message: fmt.Sprintf("This FlowSchema references the PriorityLevelConfiguration object named %q and it exists", s.Spec.PriorityLevelConfiguration.Name),
		}}
		owned := `{"f:status":{"f:conditions":{"k:{\"type\":\"Dangling\"}":{".":{},"f:lastTransitionTime":{},"f:message":{},"f:reason":{},"f:status":{},"f:type":{}}}}}`
		s.ManagedFields = append([]metav1.ManagedFieldsEntry{{
			Manager: "api-priority-and-fairness-config-consumer-v1", Operation: metav1.ManagedFieldsOperationApply, Subresource: "status",
			APIVersion: flowcontrolv1.SchemeGroupVersion.String(), Time: &at, FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{Raw: []byte(owned)},
		}}, s.ManagedFields...)
		return nil
	})
	return err
}
