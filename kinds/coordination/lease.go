// Package coordination makes the kinds of the API group coordination.k8s.io. Callers: kinds/builtin.
package coordination

import (
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

// All returns the group's resources in discovery order.
func All() []*kinds.Resource { return []*kinds.Resource{lease()} }

func lease() *kinds.Resource {
	return &kinds.Resource{
		Group: "coordination.k8s.io", Version: "v1", Kind: "Lease",
		Plural: "leases", Singular: "lease",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &coordinationv1.Lease{} },
		NewList: func() runtime.Object { return &coordinationv1.LeaseList{} },
		Storage: kinds.Storage{Key: "leases", APIVersion: "coordination.k8s.io/v1"},
		Rules: kinds.For[*coordinationv1.Lease]{
			PrepareCreate: func(_ kinds.Input, obj *coordinationv1.Lease) {
				// Of CoordinatedLeaderElection, which is off.
				obj.Spec.Strategy, obj.Spec.PreferredHolder = nil, nil
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *coordinationv1.Lease) {
				if old.Spec.Strategy == nil {
					obj.Spec.Strategy = nil
				}
				if old.Spec.PreferredHolder == nil {
					obj.Spec.PreferredHolder = nil
				}
			},
			Validate: func(_ kinds.Input, obj *coordinationv1.Lease) field.ErrorList { return validate(&obj.Spec) },
			ValidateUpdate: func(_ kinds.Input, obj, _ *coordinationv1.Lease) field.ErrorList {
				return validate(&obj.Spec)
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Holder", Type: "string", Description: coordinationv1.LeaseSpec{}.SwaggerDoc()["holderIdentity"]},
				cells.AgeColumn,
			),
			Cells: func(obj kinds.Object, now time.Time) []any {
				l := obj.(*coordinationv1.Lease)
				holder := ""
				if l.Spec.HolderIdentity != nil {
					holder = *l.Spec.HolderIdentity
				}
				return []any{l.Name, holder, cells.Age(l.CreationTimestamp, now)}
			},
		},
		CreateOnUpdate:         true,
		RequireVersionOnUpdate: true,
	}
}

func validate(spec *coordinationv1.LeaseSpec) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("spec")
	if d := spec.LeaseDurationSeconds; d != nil && *d <= 0 {
		errs = append(errs, field.Invalid(path.Child("leaseDurationSeconds"), *d, "must be greater than 0"))
	}
	if n := spec.LeaseTransitions; n != nil && *n < 0 {
		errs = append(errs, field.Invalid(path.Child("leaseTransitions"), *n, "must be greater than or equal to 0"))
	}
	return errs
}
