package rbac

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

func role() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "Role",
		Plural: "roles", Singular: "role",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &rbacv1.Role{} },
		NewList: func() runtime.Object { return &rbacv1.RoleList{} },
		Storage: kinds.Storage{Key: "roles", APIVersion: groupVersion},
		Rules: kinds.For[*rbacv1.Role]{
			ValidateName:   validateName,
			Validate:       validateRole,
			ValidateUpdate: validateRoleUpdate,
		}.Rules(),
		CreateOnUpdate: true,
	}
}
