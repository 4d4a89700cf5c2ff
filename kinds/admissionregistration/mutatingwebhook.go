package admissionregistration

import (
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func mutatingWebhook() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "MutatingWebhookConfiguration",
		Plural: "mutatingwebhookconfigurations", Singular: "mutatingwebhookconfiguration",
		Categories: []string{"api-extensions"},
		Verbs:      kinds.AllVerbs,
		New:        func() runtime.Object { return &admissionv1.MutatingWebhookConfiguration{} },
		NewList:    func() runtime.Object { return &admissionv1.MutatingWebhookConfigurationList{} },
		Storage:    kinds.Storage{Key: "mutatingwebhookconfigurations", APIVersion: groupVersion},
		Rules: kinds.For[*admissionv1.MutatingWebhookConfiguration]{
			Default:        defaultMutatingWebhooks,
			Validate:       validateMutatingWebhooks,
			ValidateUpdate: validateMutatingWebhooksUpdate,
			PrepareCreate: func(_ kinds.Input, obj *admissionv1.MutatingWebhookConfiguration) {
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *admissionv1.MutatingWebhookConfiguration) {
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Webhooks, old.Webhooks) {
					obj.Generation++
				}
			},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Webhooks", Type: "integer", Description: "Webhooks indicates the number of webhooks registered in this configuration"},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*admissionv1.MutatingWebhookConfiguration)
				return []any{obj.Name, int64(len(obj.Webhooks)), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		RequireVersionOnUpdate: true,
	}
}
