// Package service makes the Service kind. All of it is pure: what a service takes from pools that all
// services share (cluster IPs, node ports) is an effect, and server/allocate's, which runs after admission
// has changed the object and before Prepare and validation. For it this package says what the client meant
// (Restore, Families) and what a service needs and holds (needs.go). Callers: kinds/core, server/allocate.
package service

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// Resource returns the kind.
func Resource() *kinds.Resource {
	return &kinds.Resource{
		Version: "v1", Kind: "Service",
		Plural: "services", Singular: "service", ShortNames: []string{"svc"}, Categories: []string{"all"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &corev1.Service{} },
		NewList: func() runtime.Object { return &corev1.ServiceList{} },
		Storage: kinds.Storage{Key: "services/specs", APIVersion: "v1"},
		Rules: kinds.For[*corev1.Service]{
			Default: setDefaults,
			PrepareCreate: func(_ kinds.Input, obj *corev1.Service) {
				obj.Status = corev1.ServiceStatus{}
				dropUnused(obj)
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *corev1.Service) {
				obj.Status = old.Status
				dropOnTypeChange(obj, old)
				dropUnused(obj)
			},
			ValidateName:   validation.NameIsDNSLabel,
			Validate:       func(_ kinds.Input, obj *corev1.Service) field.ErrorList { return validate(obj, nil) },
			ValidateUpdate: func(_ kinds.Input, obj, old *corev1.Service) field.ErrorList { return validateUpdate(obj, old) },
			Warn:           warn,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: table(),
		Fields: kinds.Fields{
			Names: []string{"spec.clusterIP", "spec.type"}, Refuse: kinds.RefuseUnsupported,
			Values: func(obj kinds.Object) fields.Set {
				spec := &obj.(*corev1.Service).Spec
				return fields.Set{"spec.clusterIP": spec.ClusterIP, "spec.type": string(spec.Type)}
			},
		},
		Delete:         kinds.Deletion{ReturnsObject: true},
		CreateOnUpdate: true,
		Subresources: []*kinds.Subresource{
			{
				Name: "proxy", Verbs: []string{"create", "delete", "get", "patch", "update"}, Handler: true,
				Kind: schema.GroupVersionKind{Version: "v1", Kind: "ServiceProxyOptions"},
			},
			status(),
		},
	}
}

func status() *kinds.Subresource {
	part := kinds.For[*corev1.Service]{
		PrepareUpdate: func(_ kinds.Input, obj, old *corev1.Service) { obj.Spec = old.Spec },
		ValidateUpdate: func(_ kinds.Input, obj, old *corev1.Service) field.ErrorList {
			return validateStatus(obj, old)
		},
		Warn:        func(obj, _ *corev1.Service) []string { return warnStatus(obj) },
		ResetFields: []string{"spec"},
	}.Rules()
	return &kinds.Subresource{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &part}
}
