package core

import (
	"maps"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/selectors"
	"github.com/nave-k8s/nave/kinds/workload"
)

func replicationController() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "ReplicationController",
		Plural: "replicationcontrollers", Singular: "replicationcontroller", ShortNames: []string{"rc"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.ReplicationController{} },
		NewList: func() runtime.Object { return &corev1.ReplicationControllerList{} },
		Storage: kinds.Storage{Key: "controllers", APIVersion: "v1"},
		Delete:  kinds.Deletion{DefaultPropagation: metav1.DeletePropagationOrphan},
		Bare:    func(obj kinds.Object) { obj.(*corev1.ReplicationController).Spec.Replicas = new(int32) },
		Rules: kinds.For[*corev1.ReplicationController]{
			Default: defaultReplicationController,
			PrepareCreate: func(_ kinds.Input, r *corev1.ReplicationController) {
				r.Status = corev1.ReplicationControllerStatus{}
				workload.Begin(&r.ObjectMeta)
				if r.Spec.Template != nil {
					workload.DropDisabled(r.Spec.Template, nil)
				}
			},
			PrepareUpdate: func(_ kinds.Input, r, old *corev1.ReplicationController) {
				r.Status = old.Status
				if r.Spec.Template != nil {
					workload.DropDisabled(r.Spec.Template, old.Spec.Template)
				}
				workload.Advance(&r.ObjectMeta, &old.ObjectMeta, workload.Changed(r.Spec, old.Spec))
			},
			Validate: func(_ kinds.Input, r *corev1.ReplicationController) field.ErrorList {
				return validateReplicationController(&r.Spec, nil)
			},
			ValidateUpdate: func(_ kinds.Input, r, old *corev1.ReplicationController) field.ErrorList {
				return validateReplicationController(&r.Spec, old.Spec.Template)
			},
			Warn:        warnReplicationController,
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{Columns: replicationControllerColumns(), Cells: replicationControllerCells},
		Fields: kinds.Fields{
			Names: []string{"status.replicas"},
			Values: func(obj kinds.Object) fields.Set {
				return fields.Set{"status.replicas": strconv.Itoa(int(obj.(*corev1.ReplicationController).Status.Replicas))}
			},
			Refuse: kinds.RefuseUnsupported,
		},
		Subresources: []*kinds.Subresource{
			workload.Scale(
				func(r *corev1.ReplicationController) workload.Size {
					return workload.Size{Desired: r.Spec.Replicas, Observed: r.Status.Replicas, Selector: labels.Set(r.Spec.Selector).String()}
				},
				func(r *corev1.ReplicationController, replicas *int32) { r.Spec.Replicas = replicas },
			),
			workload.Status(kinds.For[*corev1.ReplicationController]{
				PrepareUpdate: func(_ kinds.Input, r, old *corev1.ReplicationController) { r.Spec = old.Spec },
				ValidateUpdate: func(_ kinds.Input, r, _ *corev1.ReplicationController) field.ErrorList {
					return workload.Counts{
						Replicas: r.Status.Replicas, FullyLabeled: r.Status.FullyLabeledReplicas,
						Ready: r.Status.ReadyReplicas, Available: r.Status.AvailableReplicas,
						ObservedGeneration: r.Status.ObservedGeneration,
					}.Validate(field.NewPath("status"))
				},
				ResetFields: []string{"spec"},
			}.Rules()),
		},
	}
}

// defaultReplicationController takes the labels of the template where the selector or the labels are not
// said.
func defaultReplicationController(r *corev1.ReplicationController) {
	if t := r.Spec.Template; t != nil {
		workload.DefaultTemplate(t)
		if len(t.Labels) > 0 {
			if len(r.Spec.Selector) == 0 {
				r.Spec.Selector = maps.Clone(t.Labels)
			}
			if len(r.Labels) == 0 {
				r.Labels = maps.Clone(t.Labels)
			}
		}
	}
	if r.Spec.Replicas == nil {
		one := int32(1)
		r.Spec.Replicas = &one
	}
}

func validateReplicationController(spec *corev1.ReplicationControllerSpec, oldTemplate *corev1.PodTemplateSpec) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("spec")
	if len(spec.Selector) == 0 {
		errs = append(errs, field.Required(path.Child("selector"), ""))
	}
	if template := path.Child("template"); spec.Template == nil {
		errs = append(errs, field.Required(template, ""))
	} else {
		errs = append(errs, validateReplicatedTemplate(spec, oldTemplate, template)...)
	}
	// The two numbers are reported last.
	if spec.Replicas != nil {
		errs = append(errs, workload.Nonnegative(*spec.Replicas, path.Child("replicas"))...)
	}
	return append(errs, workload.Nonnegative(spec.MinReadySeconds, path.Child("minReadySeconds"))...)
}

func validateReplicatedTemplate(spec *corev1.ReplicationControllerSpec, old *corev1.PodTemplateSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if selector := labels.SelectorFromSet(spec.Selector); len(spec.Selector) > 0 && !selector.Matches(labels.Set(spec.Template.Labels)) {
		errs = append(errs, selectors.NoMatch(spec.Template.Labels, path.Child("metadata", "labels")))
	}
	errs = append(errs, workload.ValidateTemplate(spec.Template, old, path)...)
	return append(errs, workload.ValidateAlways(spec.Template, "ReplicationController", path)...)
}

func warnReplicationController(r, old *corev1.ReplicationController) []string {
	path := field.NewPath("spec", "template")
	switch {
	case old == nil:
		warnings := workload.WarnName(r.Name)
		if r.Spec.Template != nil {
			warnings = append(warnings, workload.WarnTemplate(r.Spec.Template, nil, path)...)
		}
		return warnings
	case r.Generation != old.Generation && r.Spec.Template != nil:
		return workload.WarnTemplate(r.Spec.Template, old.Spec.Template, path)
	}
	return nil
}

func replicationControllerColumns() []metav1.TableColumnDefinition {
	spec, status := corev1.ReplicationControllerSpec{}.SwaggerDoc(), corev1.ReplicationControllerStatus{}.SwaggerDoc()
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

func replicationControllerCells(obj kinds.Object, now time.Time) []any {
	r := obj.(*corev1.ReplicationController)
	var names, images string
	if r.Spec.Template != nil {
		names, images = workload.Containers(r.Spec.Template)
	}
	return []any{
		r.Name, workload.Int(r.Spec.Replicas), int64(r.Status.Replicas), int64(r.Status.ReadyReplicas),
		cells.Age(r.CreationTimestamp, now), names, images, selectors.MapCell(r.Spec.Selector),
	}
}
