package admissionregistration

import (
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func validatingPolicy() *kinds.Resource {
	status := kinds.For[*admissionv1.ValidatingAdmissionPolicy]{
		PrepareUpdate: func(_ kinds.Input, obj, old *admissionv1.ValidatingAdmissionPolicy) {
			obj.Spec = old.Spec
			metav1.ResetObjectMetaForStatus(obj, old)
		},
		ValidateUpdate: validateValidatingStatus,
		ResetFields:    []string{"metadata", "spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ValidatingAdmissionPolicy",
		Plural: "validatingadmissionpolicies", Singular: "validatingadmissionpolicy",
		Categories: []string{"api-extensions"},
		Verbs:      kinds.AllVerbs,
		New:        func() runtime.Object { return &admissionv1.ValidatingAdmissionPolicy{} },
		NewList:    func() runtime.Object { return &admissionv1.ValidatingAdmissionPolicyList{} },
		Storage:    kinds.Storage{Key: "validatingadmissionpolicies", APIVersion: groupVersion},
		Rules: kinds.For[*admissionv1.ValidatingAdmissionPolicy]{
			Default:        defaultValidatingPolicy,
			Validate:       validateValidatingPolicy,
			ValidateUpdate: validateValidatingPolicyUpdate,
			PrepareCreate: func(_ kinds.Input, obj *admissionv1.ValidatingAdmissionPolicy) {
				obj.Status = admissionv1.ValidatingAdmissionPolicyStatus{}
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *admissionv1.ValidatingAdmissionPolicy) {
				obj.Status = old.Status
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Validations", Type: "integer", Description: "Validations indicates the number of validation rules defined in this configuration"},
				kinds.Column{Name: "ParamKind", Type: "string", Description: "ParamKind specifies the kind of resources used to parameterize this policy"},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*admissionv1.ValidatingAdmissionPolicy)
				return []any{obj.Name, int64(len(obj.Spec.Validations)), paramKindCell(obj.Spec.ParamKind), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		RequireVersionOnUpdate: true,
		Subresources:           []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
