package apps

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func replicaSet() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ReplicaSet",
		Plural: "replicasets", Singular: "replicaset", ShortNames: []string{"rs"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &appsv1.ReplicaSet{} },
		NewList: func() runtime.Object { return &appsv1.ReplicaSetList{} },
		Storage: kinds.Storage{Key: "replicasets", APIVersion: "apps/v1"},
		Bare:    func(obj kinds.Object) { set(&obj.(*appsv1.ReplicaSet).Spec.Replicas, 0) },
		Rules: kinds.For[*appsv1.ReplicaSet]{
			Default: func(r *appsv1.ReplicaSet) {
				workload.DefaultTemplate(&r.Spec.Template)
				set(&r.Spec.Replicas, 1)
			},
			PrepareCreate: func(_ kinds.Input, r *appsv1.ReplicaSet) {
				r.Status = appsv1.ReplicaSetStatus{}
				workload.Begin(&r.ObjectMeta)
				workload.DropDisabled(&r.Spec.Template, nil)
			},
			PrepareUpdate: func(_ kinds.Input, r, old *appsv1.ReplicaSet) {
				r.Status = old.Status
				workload.DropDisabled(&r.Spec.Template, &old.Spec.Template)
				workload.Advance(&r.ObjectMeta, &old.ObjectMeta, workload.Changed(r.Spec, old.Spec))
			},
			Validate: func(_ kinds.Input, r *appsv1.ReplicaSet) field.ErrorList {
				return validateReplicaSetSpec(&r.Spec, nil, selectors.Options{})
			},
			ValidateUpdate: func(_ kinds.Input, r, old *appsv1.ReplicaSet) field.ErrorList {
				errs := validateReplicaSetSpec(&r.Spec, &old.Spec.Template, selectors.Loosened(old.Spec.Selector))
				return append(errs, workload.Immutable(r.Spec.Selector, old.Spec.Selector, specPath.Child("selector"))...)
			},
			Warn: func(r, old *appsv1.ReplicaSet) []string {
				if old == nil {
					return append(workload.WarnName(r.Name), workload.WarnTemplate(&r.Spec.Template, nil, templatePath)...)
				}
				if r.Generation == old.Generation {
					return nil
				}
				return workload.WarnTemplate(&r.Spec.Template, &old.Spec.Template, templatePath)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{Columns: replicaSetColumns(), Cells: replicaSetCells},
		Subresources: []*kinds.Subresource{
			workload.Scale(
				func(r *appsv1.ReplicaSet) workload.Size {
					return workload.Size{Desired: r.Spec.Replicas, Observed: r.Status.Replicas, Selector: selectors.Text(r.Spec.Selector)}
				},
				func(r *appsv1.ReplicaSet, replicas *int32) { r.Spec.Replicas = replicas },
			),
			workload.Status(kinds.For[*appsv1.ReplicaSet]{
				PrepareUpdate: func(_ kinds.Input, r, old *appsv1.ReplicaSet) { r.Spec = old.Spec },
				ValidateUpdate: func(_ kinds.Input, r, _ *appsv1.ReplicaSet) field.ErrorList {
					return workload.Counts{
						Replicas: r.Status.Replicas, FullyLabeled: r.Status.FullyLabeledReplicas,
						Ready: r.Status.ReadyReplicas, Available: r.Status.AvailableReplicas,
						Terminating: r.Status.TerminatingReplicas, ObservedGeneration: r.Status.ObservedGeneration,
					}.Validate(statusPath)
				},
				ResetFields: []string{"spec"},
			}.Rules()),
		},
	}
}

func validateReplicaSetSpec(spec *appsv1.ReplicaSetSpec, oldTemplate *corev1.PodTemplateSpec, opts selectors.Options) field.ErrorList {
	errs := workload.OptionalNonnegative(spec.Replicas, specPath.Child("replicas"))
	errs = append(errs, workload.Nonnegative(spec.MinReadySeconds, specPath.Child("minReadySeconds"))...)
	// The text speaks of a Deployment; clients have seen it so for years.
	errs = append(errs, validateSelector(spec.Selector, opts, "deployment", specPath.Child("selector"))...)
	if selectors.Parses(spec.Selector) {
		errs = append(errs, workload.ValidateSelected(&spec.Template, oldTemplate, spec.Selector, "ReplicaSet", templatePath)...)
	}
	return errs
}

func replicaSetColumns() []metav1.TableColumnDefinition {
	spec, status := appsv1.ReplicaSetSpec{}.SwaggerDoc(), appsv1.ReplicaSetStatus{}.SwaggerDoc()
	return kinds.Columns(
		cells.NameColumn,
		kinds.Column{Name: "Desired", Type: "integer", Description: spec["replicas"]},
		kinds.Column{Name: "Current", Type: "integer", Description: status["replicas"]},
		kinds.Column{Name: "Ready", Type: "integer", Description: status["readyReplicas"]},
		cells.AgeColumn,
		workload.ContainersColumn,
		workload.ImagesColumn,
		kinds.Column{Name: "Selector", Type: "string", Priority: 1, Description: spec["selector"]},
	)
}

func replicaSetCells(obj kinds.Object, now time.Time) []any {
	r := obj.(*appsv1.ReplicaSet)
	names, images := workload.Containers(&r.Spec.Template)
	return []any{
		r.Name, workload.Int(r.Spec.Replicas), int64(r.Status.Replicas), int64(r.Status.ReadyReplicas),
		cells.Age(r.CreationTimestamp, now), names, images, selectors.Cell(r.Spec.Selector),
	}
}
