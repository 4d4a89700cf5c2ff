package apps

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func daemonSet() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "DaemonSet",
		Plural: "daemonsets", Singular: "daemonset", ShortNames: []string{"ds"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:              func() runtime.Object { return &appsv1.DaemonSet{} },
		NewList:          func() runtime.Object { return &appsv1.DaemonSetList{} },
		Storage:          kinds.Storage{Key: "daemonsets", APIVersion: "apps/v1"},
		FieldAnnotations: []string{appsv1.DeprecatedTemplateGeneration},
		Bare:             func(obj kinds.Object) { defaultTemplateGeneration(obj.(*appsv1.DaemonSet)) },
		Rules: kinds.For[*appsv1.DaemonSet]{
			Default: defaultDaemonSet,
			PrepareCreate: func(_ kinds.Input, d *appsv1.DaemonSet) {
				d.Status = appsv1.DaemonSetStatus{}
				workload.Begin(&d.ObjectMeta)
				workload.DropDisabled(&d.Spec.Template, nil)
				beginTemplateGeneration(d)
			},
			PrepareUpdate: func(_ kinds.Input, d, old *appsv1.DaemonSet) {
				d.Status = old.Status
				workload.DropDisabled(&d.Spec.Template, &old.Spec.Template)
				workload.Advance(&d.ObjectMeta, &old.ObjectMeta, workload.Changed(d.Spec, old.Spec))
				keepTemplateGeneration(d, old)
			},
			Validate:       validateDaemonSet,
			ValidateUpdate: validateDaemonSetUpdate,
			Warn: func(d, old *appsv1.DaemonSet) []string {
				if old == nil {
					return workload.WarnTemplate(&d.Spec.Template, nil, templatePath)
				}
				if d.Generation == old.Generation {
					return nil
				}
				return workload.WarnTemplate(&d.Spec.Template, &old.Spec.Template, templatePath)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{Columns: daemonSetColumns(), Cells: daemonSetCells},
		Subresources: []*kinds.Subresource{
			workload.Status(kinds.For[*appsv1.DaemonSet]{
				PrepareUpdate: func(_ kinds.Input, d, old *appsv1.DaemonSet) {
					d.Spec = old.Spec
					keepTemplateGeneration(d, old)
				},
				ValidateUpdate: validateDaemonSetStatus,
				ResetFields:    []string{"spec"},
			}.Rules()),
		},
	}
}

func defaultDaemonSet(d *appsv1.DaemonSet) {
	workload.DefaultTemplate(&d.Spec.Template)
	defaultTemplateGeneration(d)
	strategy := &d.Spec.UpdateStrategy
	if strategy.Type == "" {
		strategy.Type = appsv1.RollingUpdateDaemonSetStrategyType
	}
	if strategy.Type == appsv1.RollingUpdateDaemonSetStrategyType {
		if strategy.RollingUpdate == nil {
			strategy.RollingUpdate = &appsv1.RollingUpdateDaemonSet{}
		}
		set(&strategy.RollingUpdate.MaxUnavailable, intstr.FromInt32(1))
		set(&strategy.RollingUpdate.MaxSurge, intstr.FromInt32(0))
	}
	set(&d.Spec.RevisionHistoryLimit, 10)
}

func daemonSetColumns() []metav1.TableColumnDefinition {
	status := appsv1.DaemonSetStatus{}.SwaggerDoc()
	return kinds.Columns(
		cells.NameColumn,
		kinds.Column{Name: "Desired", Type: "integer", Description: status["desiredNumberScheduled"]},
		kinds.Column{Name: "Current", Type: "integer", Description: status["currentNumberScheduled"]},
		kinds.Column{Name: "Ready", Type: "integer", Description: status["numberReady"]},
		kinds.Column{Name: "Up-to-date", Type: "integer", Description: status["updatedNumberScheduled"]},
		kinds.Column{Name: "Available", Type: "integer", Description: status["numberAvailable"]},
		workload.NodeSelectorColumn,
		cells.AgeColumn,
		workload.ContainersColumn,
		workload.ImagesColumn,
		kinds.Column{Name: "Selector", Type: "string", Priority: 1, Description: appsv1.DaemonSetSpec{}.SwaggerDoc()["selector"]},
	)
}

func daemonSetCells(obj kinds.Object, now time.Time) []any {
	d := obj.(*appsv1.DaemonSet)
	names, images := workload.Containers(&d.Spec.Template)
	return []any{
		d.Name,
		int64(d.Status.DesiredNumberScheduled),
		int64(d.Status.CurrentNumberScheduled),
		int64(d.Status.NumberReady),
		int64(d.Status.UpdatedNumberScheduled),
		int64(d.Status.NumberAvailable),
		selectors.MapCell(d.Spec.Template.Spec.NodeSelector),
		cells.Age(d.CreationTimestamp, now),
		names, images, selectors.Cell(d.Spec.Selector),
	}
}
