package apiextensions

import (
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/nave-k8s/nave/kinds/cells"
)

func definitionCells(obj *apiextensionsv1.CustomResourceDefinition) []any {
	var versions []string
	for _, v := range obj.Spec.Versions {
		if !v.Served {
			continue
		}
		name := v.Name
		if v.Storage {
			name += "(storage)"
		}
		versions = append(versions, name)
	}
	slices.Sort(versions)
	established := false
	for _, c := range obj.Status.Conditions {
		if c.Type == apiextensionsv1.Established {
			established = c.Status == apiextensionsv1.ConditionTrue
		}
	}
	return []any{
		obj.Name, string(obj.Spec.Scope), strings.Join(versions, ","), cells.Date(obj.CreationTimestamp),
		obj.Spec.Group, obj.Spec.Names.Kind, strings.Join(obj.Spec.Names.ShortNames, ","), established,
	}
}
