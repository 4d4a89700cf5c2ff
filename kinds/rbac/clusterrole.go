package rbac

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

func clusterRole() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ClusterRole",
		Plural: "clusterroles", Singular: "clusterrole",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &rbacv1.ClusterRole{} },
		NewList: func() runtime.Object { return &rbacv1.ClusterRoleList{} },
		Storage: kinds.Storage{Key: "clusterroles", APIVersion: groupVersion},
		Rules: kinds.For[*rbacv1.ClusterRole]{
			ValidateName:   validateName,
			Validate:       validateClusterRole,
			ValidateUpdate: validateClusterRoleUpdate,
		}.Rules(),
		CreateOnUpdate: true,
	}
}
