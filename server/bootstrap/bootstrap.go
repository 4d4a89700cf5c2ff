// Package bootstrap makes the objects that every cluster has: namespaces, priority classes, the objects of
// priority and fairness, the roles and bindings of Kubernetes' own users, API services. What an operator
// has changed stays, but for objects that say themselves that they follow the server (the annotations
// rbac.authorization.kubernetes.io/autoupdate and apf.kubernetes.io/autoupdate-spec), to which missing
// parts are added. The objects are data: data/. Callers: server.
package bootstrap

import (
	"context"
	"embed"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
)

//go:embed data
var data embed.FS

// A Writer creates and updates objects in the server's own name.
type Writer interface {
	Create(ctx context.Context, group, plural string, obj kinds.Object) error
	Update(ctx context.Context, group, plural, subresource, namespace, name string, change func(kinds.Object) error) error
}

// objects is the file data/objects.yaml, as far as it is used here.
type objects struct {
	Namespaces      []string `json:"namespaces"`
	PriorityClasses []struct {
		Name             string                   `json:"name"`
		Value            int32                    `json:"value"`
		PreemptionPolicy *corev1.PreemptionPolicy `json:"preemptionPolicy"`
	} `json:"priority_classes"`
	PriorityLevels []struct {
		Name       string                                       `json:"name"`
		AutoUpdate string                                       `json:"autoupdate"`
		Spec       flowcontrolv1.PriorityLevelConfigurationSpec `json:"spec"`
	} `json:"priority_level_configurations"`
	FlowSchemas []struct {
		Name       string                       `json:"name"`
		AutoUpdate string                       `json:"autoupdate"`
		Spec       flowcontrolv1.FlowSchemaSpec `json:"spec"`
	} `json:"flow_schemas"`
	APIServices [][]any `json:"apiservices"`
}

func read(into any, file string) error {
	text, err := data.ReadFile("data/" + file)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// Ensure makes what is missing. It may run on several servers of one database at once.
func Ensure(ctx context.Context, w Writer) error {
	var all objects
	if err := read(&all, "objects.yaml"); err != nil {
		return err
	}
	for _, name := range all.Namespaces {
		if err := create(ctx, w, "", "namespaces", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return err
		}
	}
	for _, c := range all.PriorityClasses {
		class := &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: c.Name}, Value: c.Value, PreemptionPolicy: c.PreemptionPolicy, Description: descriptionOf(c.Name)}
		if err := create(ctx, w, "scheduling.k8s.io", "priorityclasses", class); err != nil {
			return err
		}
	}
	for _, l := range all.PriorityLevels {
		level := &flowcontrolv1.PriorityLevelConfiguration{ObjectMeta: autoUpdated(l.Name, l.AutoUpdate), Spec: l.Spec}
		if err := create(ctx, w, "flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", level); err != nil {
			return err
		}
	}
	for _, s := range all.FlowSchemas {
		schema := &flowcontrolv1.FlowSchema{ObjectMeta: autoUpdated(s.Name, s.AutoUpdate), Spec: s.Spec}
		if err := create(ctx, w, "flowcontrol.apiserver.k8s.io", "flowschemas", schema); err != nil {
			return err
		}
	}
	if err := apiServices(ctx, w, all.APIServices); err != nil {
		return err
	}
	return rbac(ctx, w)
}

func descriptionOf(class string) string {
	switch class {
	case "system-node-critical":
		return "Used for system critical pods that must not be moved from their current node."
	case "system-cluster-critical":
		return "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
	}
	return ""
}

func autoUpdated(name, value string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Annotations: map[string]string{flowcontrolv1.AutoUpdateAnnotationKey: value}}
}

// create creates an object; that it is there already is no error.
func create(ctx context.Context, w Writer, group, plural string, obj kinds.Object) error {
	if err := w.Create(ctx, group, plural, obj); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("%s %s: %w", plural, obj.GetName(), err)
	}
	return nil
}
