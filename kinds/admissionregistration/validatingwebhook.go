package admissionregistration

import (
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func validatingWebhook() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ValidatingWebhookConfiguration",
		Plural: "validatingwebhookconfigurations", Singular: "validatingwebhookconfiguration",
		Categories: []string{"api-extensions"},
		Verbs:      kinds.AllVerbs,
		New:        func() runtime.Object { return &admissionv1.ValidatingWebhookConfiguration{} },
		NewList:    func() runtime.Object { return &admissionv1.ValidatingWebhookConfigurationList{} },
		Storage:    kinds.Storage{Key: "validatingwebhookconfigurations", APIVersion: groupVersion},
		Rules: kinds.For[*admissionv1.ValidatingWebhookConfiguration]{
			Default:        defaultValidatingWebhooks,
			Validate:       validateValidatingWebhooks,
			ValidateUpdate: validateValidatingWebhooksUpdate,
			PrepareCreate: func(_ kinds.Input, obj *admissionv1.ValidatingWebhookConfiguration) {
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *admissionv1.ValidatingWebhookConfiguration) {
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
				obj := o.(*admissionv1.ValidatingWebhookConfiguration)
				return []any{obj.Name, int64(len(obj.Webhooks)), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		RequireVersionOnUpdate: true,
	}
}
