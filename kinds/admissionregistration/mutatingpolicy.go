package admissionregistration

import (
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func mutatingPolicy() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "MutatingAdmissionPolicy",
		Plural: "mutatingadmissionpolicies", Singular: "mutatingadmissionpolicy",
		Categories: []string{"api-extensions"},
		Verbs:      kinds.AllVerbs,
		New:        func() runtime.Object { return &admissionv1.MutatingAdmissionPolicy{} },
		NewList:    func() runtime.Object { return &admissionv1.MutatingAdmissionPolicyList{} },
		Storage:    kinds.Storage{Key: "mutatingadmissionpolicies", APIVersion: groupVersion},
		Rules: kinds.For[*admissionv1.MutatingAdmissionPolicy]{
			Default:        defaultMutatingPolicy,
			Validate:       validateMutatingPolicy,
			ValidateUpdate: validateMutatingPolicyUpdate,
			PrepareCreate: func(_ kinds.Input, obj *admissionv1.MutatingAdmissionPolicy) {
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *admissionv1.MutatingAdmissionPolicy) {
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Mutations", Type: "integer", Description: "Mutation indicates the number of mutations rules defined in this configuration"},
				kinds.Column{Name: "ParamKind", Type: "string", Description: "ParamKind specifies the kind of resources used to parameterize this policy"},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*admissionv1.MutatingAdmissionPolicy)
				return []any{obj.Name, int64(len(obj.Spec.Mutations)), paramKindCell(obj.Spec.ParamKind), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		RequireVersionOnUpdate: true,
	}
}
