package resource

import (
	"context"
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/internalname"
)

func resourceClaimTemplate() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ResourceClaimTemplate",
		Plural: "resourceclaimtemplates", Singular: "resourceclaimtemplate",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &resourcev1.ResourceClaimTemplate{} },
		NewList: func() runtime.Object { return &resourcev1.ResourceClaimTemplateList{} },
		Storage: kinds.Storage{Key: "resourceclaimtemplates", APIVersion: groupVersion},
		Rules: kinds.For[*resourcev1.ResourceClaimTemplate]{
			Default: func(obj *resourcev1.ResourceClaimTemplate) { defaultClaim(&obj.Spec.Spec) },
			PrepareCreate: func(_ kinds.Input, obj *resourcev1.ResourceClaimTemplate) {
				dropFromClaim(&obj.Spec.Spec)
			},
			PrepareUpdate: func(_ kinds.Input, obj, _ *resourcev1.ResourceClaimTemplate) {
				dropFromClaim(&obj.Spec.Spec)
			},
			Validate: func(_ kinds.Input, obj *resourcev1.ResourceClaimTemplate) field.ErrorList {
				path := field.NewPath("spec")
				errs := validateTemplateSpec(&obj.Spec, path)
				return append(errs, declared(operation.Create, func(ctx context.Context, op operation.Operation) field.ErrorList {
					return resourcev1.Validate_ResourceClaimTemplateSpec(ctx, op, path, &obj.Spec, nil)
				})...)
			},
			ValidateUpdate: func(_ kinds.Input, obj, old *resourcev1.ResourceClaimTemplate) field.ErrorList {
				if equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					return nil
				}
				return field.ErrorList{field.Invalid(field.NewPath("spec"), internalname.Value(obj.Spec), immutable)}
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*resourcev1.ResourceClaimTemplate)
				return []any{obj.Name, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Delete: kinds.Deletion{ReturnsObject: true},
	}
}
