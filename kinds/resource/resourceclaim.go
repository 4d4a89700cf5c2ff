package resource

import (
	"context"
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func resourceClaim() *kinds.Resource {
	status := kinds.For[*resourcev1.ResourceClaim]{
		PrepareUpdate: func(_ kinds.Input, obj, old *resourcev1.ResourceClaim) {
			obj.Spec = old.Spec
			metav1.ResetObjectMetaForStatus(obj, old)
			dropFromStatus(&obj.Status)
		},
		ValidateUpdate: func(_ kinds.Input, obj, old *resourcev1.ResourceClaim) field.ErrorList {
			errs := validateClaimStatus(obj, old)
			return append(errs, declared(operation.Update, func(ctx context.Context, op operation.Operation) field.ErrorList {
				return resourcev1.Validate_ResourceClaimStatus(ctx, op, field.NewPath("status"), &obj.Status, &old.Status)
			})...)
		},
		ResetFields: []string{"metadata", "spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ResourceClaim",
		Plural: "resourceclaims", Singular: "resourceclaim",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &resourcev1.ResourceClaim{} },
		NewList: func() runtime.Object { return &resourcev1.ResourceClaimList{} },
		Storage: kinds.Storage{Key: "resourceclaims", APIVersion: groupVersion},
		Rules: kinds.For[*resourcev1.ResourceClaim]{
			Default: func(obj *resourcev1.ResourceClaim) { defaultClaim(&obj.Spec) },
			PrepareCreate: func(_ kinds.Input, obj *resourcev1.ResourceClaim) {
				obj.Status = resourcev1.ResourceClaimStatus{}
				dropFromClaim(&obj.Spec)
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *resourcev1.ResourceClaim) {
				obj.Status = old.Status
				dropFromClaim(&obj.Spec)
			},
			Validate: func(_ kinds.Input, obj *resourcev1.ResourceClaim) field.ErrorList {
				path := field.NewPath("spec")
				errs := validateClaim(&obj.Spec.Devices, path.Child("devices"))
				return append(errs, declared(operation.Create, func(ctx context.Context, op operation.Operation) field.ErrorList {
					return resourcev1.Validate_ResourceClaimSpec(ctx, op, path, &obj.Spec, nil)
				})...)
			},
			ValidateUpdate: func(_ kinds.Input, obj, old *resourcev1.ResourceClaim) field.ErrorList {
				if equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					return nil
				}
				return field.ErrorList{field.Invalid(field.NewPath("spec"), nil, immutable)}
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "State", Type: "string", Description: "A summary of the current state (allocated, pending, reserved, etc.)."},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*resourcev1.ResourceClaim)
				return []any{obj.Name, claimState(obj), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Delete:       kinds.Deletion{ReturnsObject: true},
		Subresources: []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
