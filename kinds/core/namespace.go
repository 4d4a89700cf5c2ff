package core

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func namespace() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "Namespace",
		Plural: "namespaces", Singular: "namespace", ShortNames: []string{"ns"},
		Verbs:   []string{"create", "delete", "get", "list", "patch", "update", "watch"},
		New:     func() runtime.Object { return &corev1.Namespace{} },
		NewList: func() runtime.Object { return &corev1.NamespaceList{} },
		Storage: kinds.Storage{Key: "namespaces", APIVersion: "v1"},
		Rules: kinds.For[*corev1.Namespace]{
			Default:       defaultNamespace,
			PrepareCreate: createNamespace,
			PrepareUpdate: func(_ kinds.Input, obj, old *corev1.Namespace) {
				obj.Spec.Finalizers = old.Spec.Finalizers
				obj.Status = old.Status
			},
			ValidateName: validation.ValidateNamespaceName,
			Validate: func(_ kinds.Input, obj *corev1.Namespace) field.ErrorList {
				var errs field.ErrorList
				for _, f := range obj.Spec.Finalizers {
					errs = append(errs, validateFinalizer(string(f), field.NewPath("spec", "finalizers"))...)
				}
				return errs
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Status", Type: "string", Description: "The status of the namespace"},
				cells.AgeColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				ns := obj.(*corev1.Namespace)
				return []any{ns.Name, string(ns.Status.Phase), cells.Age(ns.CreationTimestamp, now)}
			},
		},
		Fields: kinds.Fields{
			Names: []string{"status.phase"}, NoNamespace: true, Refuse: kinds.RefuseUnsupported,
			Values: func(obj kinds.Object) fields.Set {
				return fields.Set{"status.phase": string(obj.(*corev1.Namespace).Status.Phase)}
			},
		},
		Delete: kinds.Deletion{
			ReturnsObject: true,
			Mark:          func(obj kinds.Object) { obj.(*corev1.Namespace).Status.Phase = corev1.NamespaceTerminating },
			Held:          func(obj kinds.Object) bool { return len(obj.(*corev1.Namespace).Spec.Finalizers) > 0 },
		},
		Subresources: []*kinds.Subresource{namespaceFinalize(), namespaceStatus()},
	}
}

func defaultNamespace(obj *corev1.Namespace) {
	if obj.Status.Phase == "" {
		obj.Status.Phase = corev1.NamespaceActive
	}
	labelNamespace(obj)
}

// labelNamespace keeps the label that selects a namespace by its name. A generated name is not known yet
// when defaults are filled in, so create does it again.
func labelNamespace(obj *corev1.Namespace) {
	if obj.Name == "" {
		return
	}
	if obj.Labels == nil {
		obj.Labels = map[string]string{}
	}
	obj.Labels[corev1.LabelMetadataName] = obj.Name
}

func createNamespace(_ kinds.Input, obj *corev1.Namespace) {
	labelNamespace(obj)
	obj.Status = corev1.NamespaceStatus{Phase: corev1.NamespaceActive}
	for _, f := range obj.Spec.Finalizers {
		if f == corev1.FinalizerKubernetes {
			return
		}
	}
	obj.Spec.Finalizers = append(obj.Spec.Finalizers, corev1.FinalizerKubernetes)
}

func namespaceFinalize() *kinds.Subresource {
	part := kinds.For[*corev1.Namespace]{
		PrepareUpdate: func(_ kinds.Input, obj, old *corev1.Namespace) { obj.Status = old.Status },
		ValidateUpdate: func(_ kinds.Input, obj, _ *corev1.Namespace) field.ErrorList {
			var errs field.ErrorList
			for i, f := range obj.Spec.Finalizers {
				errs = append(errs, validateFinalizer(string(f), field.NewPath("spec", "finalizers").Index(i))...)
			}
			return errs
		},
		ResetFields: []string{"status"},
	}.Rules()
	return &kinds.Subresource{Name: "finalize", Verbs: []string{"update"}, Part: &part}
}

func namespaceStatus() *kinds.Subresource {
	part := kinds.For[*corev1.Namespace]{
		PrepareUpdate: func(_ kinds.Input, obj, old *corev1.Namespace) { obj.Spec = old.Spec },
		ValidateUpdate: func(_ kinds.Input, obj, _ *corev1.Namespace) field.ErrorList {
			phase := field.NewPath("status", "Phase")
			switch {
			case obj.DeletionTimestamp.IsZero() && obj.Status.Phase != corev1.NamespaceActive:
				return field.ErrorList{field.Invalid(phase, obj.Status.Phase, "may only be 'Active' if `deletionTimestamp` is empty")}
			case !obj.DeletionTimestamp.IsZero() && obj.Status.Phase != corev1.NamespaceTerminating:
				return field.ErrorList{field.Invalid(phase, obj.Status.Phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")}
			}
			return nil
		},
		ResetFields: []string{"spec"},
	}.Rules()
	return &kinds.Subresource{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &part}
}

// validateFinalizer checks a finalizer of a namespace's spec, or of metadata.
func validateFinalizer(name string, path *field.Path) field.ErrorList {
	errs := validation.ValidateFinalizerName(name, path)
	if !strings.Contains(name, "/") {
		switch name {
		case string(corev1.FinalizerKubernetes), metav1.FinalizerOrphanDependents, metav1.FinalizerDeleteDependents:
		default:
			errs = append(errs, field.Invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified"))
		}
	}
	return errs
}
