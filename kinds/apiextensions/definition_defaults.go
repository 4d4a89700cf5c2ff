package apiextensions

import (
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

func defaultDefinition(obj *apiextensionsv1.CustomResourceDefinition) {
	names := &obj.Spec.Names
	if names.Singular == "" {
		names.Singular = strings.ToLower(names.Kind)
	}
	if names.ListKind == "" && names.Kind != "" {
		names.ListKind = names.Kind + "List"
	}
	if obj.Spec.Conversion == nil {
		obj.Spec.Conversion = &apiextensionsv1.CustomResourceConversion{Strategy: apiextensionsv1.NoneConverter}
	}
	if w := obj.Spec.Conversion.Webhook; w != nil && w.ClientConfig != nil && w.ClientConfig.Service != nil && w.ClientConfig.Service.Port == nil {
		port := int32(443)
		w.ClientConfig.Service.Port = &port
	}
	if len(obj.Status.StoredVersions) == 0 {
		if name, ok := storageVersion(obj); ok {
			obj.Status.StoredVersions = []string{name}
		}
	}
}

// storageVersion is the name of the version that new objects are stored in.
func storageVersion(obj *apiextensionsv1.CustomResourceDefinition) (name string, ok bool) {
	for _, v := range obj.Spec.Versions {
		if v.Storage {
			return v.Name, true
		}
	}
	return "", false
}
