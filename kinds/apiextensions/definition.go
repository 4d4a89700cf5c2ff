package apiextensions

import (
	"slices"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func definition() *kinds.Resource {
	status := kinds.For[*apiextensionsv1.CustomResourceDefinition]{
		PrepareUpdate: func(_ kinds.Input, obj, old *apiextensionsv1.CustomResourceDefinition) {
			obj.Spec = old.Spec
			obj.Generation = old.Generation
		},
		ValidateUpdate: func(_ kinds.Input, obj, _ *apiextensionsv1.CustomResourceDefinition) field.ErrorList {
			return validateStatus(obj)
		},
		ResetFields: []string{"metadata", "spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "CustomResourceDefinition",
		Plural: "customresourcedefinitions", Singular: "customresourcedefinition", ShortNames: []string{"crd", "crds"},
		Categories: []string{"api-extensions"},
		Verbs:      kinds.AllVerbs,
		New:        func() runtime.Object { return &apiextensionsv1.CustomResourceDefinition{} },
		NewList:    func() runtime.Object { return &apiextensionsv1.CustomResourceDefinitionList{} },
		Storage:    kinds.Storage{Key: "apiextensions.k8s.io/customresourcedefinitions", APIVersion: "apiextensions.k8s.io/v1beta1", JSON: true, Encode: encodeStored, Decode: decodeStored},
		Rules: kinds.For[*apiextensionsv1.CustomResourceDefinition]{
			Default: defaultDefinition,
			PrepareCreate: func(_ kinds.Input, obj *apiextensionsv1.CustomResourceDefinition) {
				obj.Status = apiextensionsv1.CustomResourceDefinitionStatus{}
				if name, ok := storageVersion(obj); ok {
					obj.Status.StoredVersions = []string{name}
				}
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *apiextensionsv1.CustomResourceDefinition) {
				obj.Status = old.Status
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
				if name, ok := storageVersion(obj); ok && !slices.Contains(obj.Status.StoredVersions, name) {
					obj.Status.StoredVersions = append(slices.Clone(obj.Status.StoredVersions), name)
				}
			},
			Validate:       validateDefinition,
			ValidateUpdate: validateDefinitionUpdate,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Scope", Type: "string", Description: "Cluster/Namespaced"},
				kinds.Column{Name: "Versions", Type: "string", Description: "Served versions"},
				kinds.Column{Name: "Created At", Type: "date", Description: metav1.ObjectMeta{}.SwaggerDoc()["creationTimestamp"]},
				kinds.Column{Name: "Group", Type: "string", Priority: 1, Description: "API group"},
				kinds.Column{Name: "Kind", Type: "string", Priority: 1, Description: "CustomResource kind"},
				kinds.Column{Name: "ShortNames", Type: "string", Priority: 1, Description: "Short names"},
				kinds.Column{Name: "Established", Type: "boolean", Priority: 1, Description: "Established status"},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*apiextensionsv1.CustomResourceDefinition)
				return definitionCells(obj)
			},
		},
		RequireVersionOnUpdate: true,
		Subresources:           []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
