package apiregistration

import (
	"time"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func apiService() *kinds.Resource {
	status := kinds.For[*apiregistrationv1.APIService]{
		PrepareUpdate: func(_ kinds.Input, obj, old *apiregistrationv1.APIService) {
			obj.Spec = old.Spec
			obj.Labels, obj.Annotations = old.Labels, old.Annotations
			obj.Finalizers, obj.OwnerReferences = old.Finalizers, old.OwnerReferences
		},
		ValidateUpdate: validateAPIServiceStatus,
		ResetFields:    []string{"metadata", "spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "APIService",
		Plural: "apiservices", Singular: "apiservice",
		Categories: []string{"api-extensions"},
		Verbs:      kinds.AllVerbs,
		New:        func() runtime.Object { return &apiregistrationv1.APIService{} },
		NewList:    func() runtime.Object { return &apiregistrationv1.APIServiceList{} },
		Storage:    kinds.Storage{Key: "apiregistration.k8s.io/apiservices", APIVersion: groupVersion, JSON: true},
		Rules: kinds.For[*apiregistrationv1.APIService]{
			Default:       defaultAPIService,
			PrepareCreate: prepareAPIService,
			PrepareUpdate: func(_ kinds.Input, obj, old *apiregistrationv1.APIService) {
				obj.Status = old.Status
			},
			ValidateName: func(name string, _ bool) []string { return content.IsPathSegmentName(name) },
			Validate:     validateAPIService,
			ValidateUpdate: func(in kinds.Input, obj, _ *apiregistrationv1.APIService) field.ErrorList {
				return validateAPIService(in, obj)
			},
			ResetFields: []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Service", Type: "string", Description: "The reference to the service that hosts this API endpoint."},
				kinds.Column{Name: "Available", Type: "string", Description: "Whether this service is available."},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*apiregistrationv1.APIService)
				return []any{obj.Name, serviceCell(obj), availableCell(obj), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		RequireVersionOnUpdate: true,
		Subresources:           []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
