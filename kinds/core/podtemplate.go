package core

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/workload"
)

func podTemplate() *kinds.Resource {
	path := field.NewPath("template")
	return &kinds.Resource{
		Version: "v1", Kind: "PodTemplate",
		Plural: "podtemplates", Singular: "podtemplate",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.PodTemplate{} },
		NewList: func() runtime.Object { return &corev1.PodTemplateList{} },
		Storage: kinds.Storage{Key: "podtemplates", APIVersion: "v1"},
		Delete:  kinds.Deletion{ReturnsObject: true},
		Rules: kinds.For[*corev1.PodTemplate]{
			Default: func(t *corev1.PodTemplate) { workload.DefaultTemplate(&t.Template) },
			PrepareCreate: func(_ kinds.Input, t *corev1.PodTemplate) {
				workload.Begin(&t.ObjectMeta)
				workload.DropDisabled(&t.Template, nil)
			},
			PrepareUpdate: func(_ kinds.Input, t, old *corev1.PodTemplate) {
				workload.DropDisabled(&t.Template, &old.Template)
				workload.Advance(&t.ObjectMeta, &old.ObjectMeta, workload.Changed(t.Template, old.Template))
			},
			Validate: func(_ kinds.Input, t *corev1.PodTemplate) field.ErrorList {
				return workload.ValidateTemplate(&t.Template, nil, path)
			},
			ValidateUpdate: func(_ kinds.Input, t, old *corev1.PodTemplate) field.ErrorList {
				return workload.ValidateTemplate(&t.Template, &old.Template, path)
			},
			Warn: func(t, old *corev1.PodTemplate) []string {
				return workload.WarnTemplate(&t.Template, nil, path)
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Containers", Type: "string", Description: "Names of each container in the template."},
				kinds.Column{Name: "Images", Type: "string", Description: "Images referenced by each container in the template."},
				kinds.Column{Name: "Pod Labels", Type: "string", Description: "The labels for the pod template."},
			),
			Cells: func(obj kinds.Object, _ time.Time) []any {
				t := obj.(*corev1.PodTemplate)
				names, images := workload.Containers(&t.Template)
				return []any{t.Name, names, images, labels.FormatLabels(t.Template.Labels)}
			},
		},
	}
}
