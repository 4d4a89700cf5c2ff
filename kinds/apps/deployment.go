package apps

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func deployment() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "Deployment",
		Plural: "deployments", Singular: "deployment", ShortNames: []string{"deploy"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:              func() runtime.Object { return &appsv1.Deployment{} },
		NewList:          func() runtime.Object { return &appsv1.DeploymentList{} },
		Storage:          kinds.Storage{Key: "deployments", APIVersion: "apps/v1"},
		FieldAnnotations: []string{appsv1.DeprecatedRollbackTo},
		Bare:             func(obj kinds.Object) { set(&obj.(*appsv1.Deployment).Spec.Replicas, 0) },
		Rules: kinds.For[*appsv1.Deployment]{
			Default: defaultDeployment,
			PrepareCreate: func(_ kinds.Input, d *appsv1.Deployment) {
				d.Status = appsv1.DeploymentStatus{}
				workload.Begin(&d.ObjectMeta)
				workload.DropDisabled(&d.Spec.Template, nil)
			},
			PrepareUpdate: func(_ kinds.Input, d, old *appsv1.Deployment) {
				d.Status = old.Status
				workload.DropDisabled(&d.Spec.Template, &old.Spec.Template)
				// An annotation counts as a change: a rollback was once asked for with one.
				changed := workload.Changed(d.Spec, old.Spec) || workload.Changed(d.Annotations, old.Annotations)
				workload.Advance(&d.ObjectMeta, &old.ObjectMeta, changed)
			},
			Validate:       validateDeployment,
			ValidateUpdate: validateDeploymentUpdate,
			Warn: func(d, old *appsv1.Deployment) []string {
				if old == nil {
					return append(workload.WarnName(d.Name), workload.WarnTemplate(&d.Spec.Template, nil, templatePath)...)
				}
				if d.Generation == old.Generation {
					return nil
				}
				return workload.WarnTemplate(&d.Spec.Template, &old.Spec.Template, templatePath)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{Columns: deploymentColumns(), Cells: deploymentCells},
		Subresources: []*kinds.Subresource{
			workload.Scale(
				func(d *appsv1.Deployment) workload.Size {
					return workload.Size{Desired: d.Spec.Replicas, Observed: d.Status.Replicas, Selector: selectors.Text(d.Spec.Selector)}
				},
				func(d *appsv1.Deployment, replicas *int32) { d.Spec.Replicas = replicas },
			),
			workload.Status(kinds.For[*appsv1.Deployment]{
				PrepareUpdate: func(_ kinds.Input, d, old *appsv1.Deployment) {
					d.Spec = old.Spec
					d.Labels = old.Labels
				},
				ValidateUpdate: validateDeploymentStatus,
				ResetFields:    []string{"metadata.labels", "spec"},
			}.Rules()),
		},
	}
}

func deploymentColumns() []metav1.TableColumnDefinition {
	status := appsv1.DeploymentStatus{}.SwaggerDoc()
	return kinds.Columns(
		cells.NameColumn,
		kinds.Column{Name: "Ready", Type: "string", Description: "Number of the pod with ready state"},
		kinds.Column{Name: "Up-to-date", Type: "string", Description: status["updatedReplicas"]},
		kinds.Column{Name: "Available", Type: "string", Description: status["availableReplicas"]},
		cells.AgeColumn,
		workload.ContainersColumn,
		workload.ImagesColumn,
		kinds.Column{Name: "Selector", Type: "string", Priority: 1, Description: appsv1.DeploymentSpec{}.SwaggerDoc()["selector"]},
	)
}

func deploymentCells(obj kinds.Object, now time.Time) []any {
	d := obj.(*appsv1.Deployment)
	names, images := workload.Containers(&d.Spec.Template)
	selector := "<invalid>"
	if selectors.Parses(d.Spec.Selector) {
		selector = selectors.Text(d.Spec.Selector)
	}
	return []any{
		d.Name,
		fmt.Sprintf("%d/%d", d.Status.ReadyReplicas, workload.Int(d.Spec.Replicas)),
		int64(d.Status.UpdatedReplicas),
		int64(d.Status.AvailableReplicas),
		cells.Age(d.CreationTimestamp, now),
		names, images, selector,
	}
}
