package admissionregistration

import (
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func validatingPolicyBinding() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ValidatingAdmissionPolicyBinding",
		Plural: "validatingadmissionpolicybindings", Singular: "validatingadmissionpolicybinding",
		Categories: []string{"api-extensions"},
		Verbs:      kinds.AllVerbs,
		New:        func() runtime.Object { return &admissionv1.ValidatingAdmissionPolicyBinding{} },
		NewList:    func() runtime.Object { return &admissionv1.ValidatingAdmissionPolicyBindingList{} },
		Storage:    kinds.Storage{Key: "validatingadmissionpolicybindings", APIVersion: groupVersion},
		Rules: kinds.For[*admissionv1.ValidatingAdmissionPolicyBinding]{
			Default:        func(obj *admissionv1.ValidatingAdmissionPolicyBinding) { defaultMatch(obj.Spec.MatchResources) },
			Validate:       validateValidatingBinding,
			ValidateUpdate: validateValidatingBindingUpdate,
			PrepareCreate: func(_ kinds.Input, obj *admissionv1.ValidatingAdmissionPolicyBinding) {
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *admissionv1.ValidatingAdmissionPolicyBinding) {
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "PolicyName", Type: "string", Description: "PolicyName indicates the policy definition which the policy binding binded to"},
				kinds.Column{Name: "ParamRef", Type: "string", Description: "ParamRef indicates the param resource which sets the configuration param"},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*admissionv1.ValidatingAdmissionPolicyBinding)
				return []any{obj.Name, obj.Spec.PolicyName, paramRefCell(obj.Spec.ParamRef), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		RequireVersionOnUpdate: true,
	}
}
