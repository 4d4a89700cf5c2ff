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
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

//go:embed data
var data embed.FS

// Objects reads and writes objects in the server's own name. Errors are API status errors.
type Objects interface {
	Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error)
	Create(ctx context.Context, group, plural string, obj kinds.Object) error
	Update(ctx context.Context, group, plural, subresource, namespace, name string, change func(kinds.Object) error) error
	Delete(ctx context.Context, group, plural, namespace, name string, options *metav1.DeleteOptions) error
	List(ctx context.Context, group, plural, namespace string) ([]kinds.Object, error)
	// Set writes without rules, admission and managed fields.
	Set(ctx context.Context, group, plural, namespace, name string, change func(kinds.Object) error) (kinds.Object, error)
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

// Names of what Ensure does, as kube-apiserver's health checks have them.
const (
	Namespaces      = "start-system-namespaces-controller"
	PriorityClasses = "scheduling/bootstrap-system-priority-classes"
	FlowControl     = "priority-and-fairness-config-producer"
	APIServices     = "kube-apiserver-autoregistration"
	Roles           = "rbac/bootstrap-roles"
)

// Ensure makes what is missing. It may run on several servers of one database at once. Where nothing is missing
// it reads from the watch cache and writes nothing. done hears what has been done, by the names above.
func Ensure(ctx context.Context, o Objects, now func() time.Time, done func(name string)) error {
	var all objects
	if err := read(&all, "objects.yaml"); err != nil {
		return err
	}
	var spaces []task
	for _, name := range all.Namespaces {
		spaces = append(spaces, create("", "namespaces", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
	}
	if err := together(ctx, o, spaces); err != nil { // the others are in them
		return err
	}
	done(Namespaces)
	services, err := apiServices(all.APIServices)
	if err != nil {
		return err
	}
	roles, err := rbac()
	if err != nil {
		return err
	}
	// Many at once: a database writes them to its disk together.
	if err := together(ctx, o, slices.Concat(roles, services, flowControl(&all, now), priorityClasses(&all))); err != nil {
		return err
	}
	for _, name := range []string{PriorityClasses, FlowControl, APIServices, Roles} {
		done(name)
	}
	return nil
}

func priorityClasses(all *objects) (tasks []task) {
	for _, c := range all.PriorityClasses {
		tasks = append(tasks, create("scheduling.k8s.io", "priorityclasses", &schedulingv1.PriorityClass{
			ObjectMeta: metav1.ObjectMeta{Name: c.Name}, Value: c.Value, PreemptionPolicy: c.PreemptionPolicy, Description: descriptionOf(c.Name),
		}))
	}
	return tasks
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
